-- What is cleared, uploaded and grouped follows from the settlements; the finance ledger from payments and settlements.
CREATE TABLE cleared AS
WITH sums AS (
    SELECT code, max(name) AS name, insutype, clr_type, max(CASE WHEN area = 'l' THEN blng ELSE '620100' END) AS optins, strftime(setl_time, '%Y-%m') AS ym,
        count(*) AS n, sum(fee) AS fee, sum(fund) AS fund, sum(acct) AS acct, sum(hifp) AS hifp, sum(cvl) AS cvl, sum(hifob) AS hifob,
        sum(hifmi) AS hifmi, sum(maf) AS maf, sum(othfund) AS othfund
    FROM settled WHERE vali = '1' AND refd = '0' AND pay_loc <> '1'
    GROUP BY code, insutype, clr_type, strftime(setl_time, '%Y-%m')
), named AS (
    SELECT s.*, m.mi, m.next_month, code || insutype || clr_type || replace(s.ym, '-', '') AS id FROM sums AS s JOIN month AS m ON m.ym = s.ym
), stuck AS (
    SELECT id FROM named WHERE mi < (SELECT max(mi) FROM month) - 1 AND fund > 0 ORDER BY h('stuck', id) LIMIT getvariable('few')
), decided AS (
    SELECT *, CASE WHEN mi = (SELECT max(mi) FROM month) THEN '20' WHEN id IN (SELECT id FROM stuck) THEN '40' ELSE '60' END AS stas,
        CASE WHEN u('deducted', id) < 0.12 THEN money(fund * (0.01 + 0.02 * u('how much', id))) ELSE 0 END AS deduction
    FROM named
)
SELECT *, money((fund - deduction) * 0.05) AS deposit FROM decided;
INSERT INTO planted SELECT 'clearing_not_paid', 'FC' || id, fund FROM cleared WHERE stas = '40';

CREATE TABLE out_medins_clr_sum_d AS
SELECT
    'FC' || id AS fee_clr_id, 'CA' || id AS clr_appy_evt_id, optins AS clr_optins, code AS fixmedins_code, name AS fixmedins_name, insutype, ym AS clr_ym,
    clr_type, stas AS clr_stas, n AS psntime, fee AS medfee_sumamt, fund AS fund_appy_sum, acct AS acct_pay,
    CASE WHEN stas <> '20' THEN deduction END AS dedu_amt, CASE WHEN stas = '60' THEN deposit END AS dpst_sumamt,
    CASE WHEN stas = '60' THEN fund - deduction - deposit END AS act_dfr_amt,
    CASE WHEN stas = '60' THEN CAST(next_month + 19 AS DATE) END AS dfr_date
FROM cleared;

CREATE TABLE out_clred_fund_sbit_d AS
SELECT 'FC' || id AS fee_clr_id, 'CA' || id AS clr_appy_evt_id, t.fund AS poolarea_fund_pay_type, t.amount AS fund_payamt, code AS fixmedins_code, optins AS clr_optins
FROM cleared, LATERAL (VALUES
    (CASE WHEN insutype = '390' THEN '390100' WHEN insutype = '510' THEN '510100' ELSE '310100' END, hifp), ('320100', cvl), ('330100', hifob),
    ('390200', hifmi), ('610100', maf), ('340100', othfund)) AS t (fund, amount)
WHERE t.amount <> 0;

CREATE TABLE listed AS
SELECT s.*, strftime(setl_time, '%Y-%m') AS ym, u('grouped', v) < 0.97 AS grouped FROM settled AS s
WHERE vali = '1' AND refd = '0' AND area = 'l' AND (stay OR med_type = '28');

CREATE TABLE out_drg_case AS
WITH grp AS (
    SELECT *, least(29, CAST(floor(ln(CAST(fee AS DOUBLE) / 400 + 1) * 6) AS INTEGER) + CAST(pick('group', v, 4) AS INTEGER)) AS g FROM listed WHERE grouped
)
SELECT setl_id, code AS fixmedins_code, 'ZS' || lpad(CAST(g + 1 AS VARCHAR), 2, '0') AS grp_code, '样例病组' || CAST(g + 1 AS VARCHAR) AS grp_name,
    CAST(0.3 + g * g * 0.004 AS DECIMAL(9, 4)) AS wt, fee, nights + 1 AS ipt_days,
    money((0.3 + g * g * 0.004) * CASE lv WHEN '3' THEN 6200 WHEN '2' THEN 5200 ELSE 4200 END) AS std_pay_amt, fund AS fund_acct_amt, setl_time, admdvs AS insu_admdvs
FROM grp;

-- Every list is uploaded by the eleventh of the next month, but for those of one institution and a few of the others.
CREATE TABLE upload AS
WITH counted AS (
    SELECT code, name, blng, ym, count(*) AS need, count(*) FILTER (WHERE grouped) AS grouped FROM listed GROUP BY code, name, blng, ym
), missing AS (
    SELECT *, CASE WHEN code = (SELECT code FROM inst WHERE lv = '3' AND area = 'l' ORDER BY h('uploads badly', i) LIMIT 1) THEN (need * 2) // 5
        WHEN u('one forgotten', code || ym) < 0.2 AND need > 3 THEN 1 ELSE 0 END AS missed
    FROM counted
)
SELECT *, need - missed AS sent, (need - missed) - CASE WHEN u('rejected', code || ym) < 0.3 AND need > 4 THEN 1 ELSE 0 END AS passed FROM missing;
INSERT INTO planted SELECT 'list_not_uploaded', code || ' ' || ym, missed FROM upload WHERE missed > 0;

CREATE TABLE out_setl_list_upload AS
SELECT code AS fixmedins_code, name AS fixmedins_name, blng AS fix_blng_admdvs, u.ym AS setl_month, CAST(m.next_month + CAST(d AS INTEGER) - 1 AS DATE) AS stt_date,
    need AS need_upld_cnt, sent * least(d + 1, 11) // 11 AS upld_cnt, passed * d // 11 AS qltctrl_pass_cnt, least(passed, grouped) * d // 11 AS grp_cnt
FROM upload AS u JOIN month AS m ON m.ym = u.ym, unnest(range(1, 12)) AS t (d);

-- A hospital's own book: what was refunded stays, with a negative row beside it; the message id is of the settlement.
CREATE TABLE out_hospital_ledger AS
SELECT
    coalesce(init_id, setl_id) AS setl_id, mdtrt_id, s.psn_no, p.psn_name, p.certno, insutype, clr_type, CASE WHEN area = 'l' THEN blng ELSE '620100' END AS setl_optins,
    code AS fixmedins_code, code || strftime(setl_time, '%Y%m%d%H%M%S') || lpad(CAST(v % 10000 AS VARCHAR), 4, '0') AS msgid, setl_time,
    fee AS medfee_sumamt, fund AS fund_pay_sumamt, acct AS acct_pay, psn - acct AS cash_payamt, CASE WHEN init_id IS NULL THEN '0' ELSE '1' END AS refd_setl_flag
FROM settled AS s JOIN out_psn_info_b AS p ON p.psn_no = s.psn_no WHERE vali = '1' AND pay_loc <> '1';
