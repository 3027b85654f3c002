-- Settlements follow from the bills. Medical fee = funds + the person + the hospital; the person pays from the account and in cash.
CREATE TABLE settled AS
WITH bills AS (
    SELECT v, sum(amount) AS fee, sum(own) AS own, sum(over) AS over, sum(pre) AS pre, sum(amount - own - over - pre) AS inscp FROM bill GROUP BY v
), deducted AS (
    SELECT s.*, b.* EXCLUDE (v), d.type AS idet, s.kind IN ('retired', 'cadre') AS old,
        CAST(CASE WHEN NOT (s.stay OR s.med_type = '28') THEN 0 WHEN s.dedc_lv = '3' THEN 1200 WHEN s.dedc_lv = '2' THEN 700 ELSE 300 END AS DECIMAL(18, 2)) AS dedc,
        CASE WHEN s.med_type IN ('41', '12') THEN 0 WHEN s.insutype = '340' THEN 1.0
            WHEN s.stay OR s.med_type = '28' THEN CASE s.dedc_lv WHEN '3' THEN 0.80 WHEN '2' THEN 0.85 ELSE 0.90 END
            WHEN s.med_type IN ('14', '9901') THEN 0.70 ELSE 0.55 END
            - CASE WHEN s.insutype = '390' AND s.med_type NOT IN ('41', '12') THEN 0.12 ELSE 0 END
            + CASE WHEN s.kind = 'retired' AND s.med_type NOT IN ('41', '12') THEN 0.05 ELSE 0 END
            - CASE WHEN s.area <> 'l' AND s.insutype <> '340' THEN 0.10 ELSE 0 END AS rate
    FROM stay AS s JOIN bills AS b USING (v) LEFT JOIN idet AS d ON d.i = s.i
), pooled AS (
    SELECT *, least(inscp, dedc) AS act_dedc, inscp - least(inscp, dedc) AS base, CAST(greatest(rate, 0) AS DECIMAL(9, 4)) AS paid_rate FROM deducted
), basic AS (
    SELECT *, CASE WHEN insutype = '340' THEN 0 ELSE money(base * paid_rate) END AS hifp FROM pooled
), helped AS (
    SELECT *,
        CASE WHEN insutype = '340' THEN money(base * paid_rate) ELSE 0 END AS othfund,
        CASE WHEN kind = 'staff' AND emp_type IN ('30', '50', '55') AND insutype = '310' AND paid_rate > 0 THEN money((base - hifp) * 0.5) ELSE 0 END AS cvl,
        CASE WHEN insutype = '310' AND (kind <> 'staff' OR emp_type NOT IN ('30', '50', '55')) AND base > 6000 THEN money((base - 6000) * (1 - paid_rate) * 0.8) ELSE 0 END AS hifob,
        CASE WHEN insutype = '390' AND base - hifp > 1500 THEN money((base - hifp - 1500) * 0.6) ELSE 0 END AS hifmi
    FROM basic
), aided AS (
    SELECT *, CASE WHEN idet IS NOT NULL AND idet <> '21' AND paid_rate > 0 AND stay THEN money((base - hifp - hifmi) * 0.5) ELSE 0 END AS maf FROM helped
), summed AS (
    SELECT *, hifp + othfund + cvl + hifob + hifmi + maf AS fund, CASE WHEN stay AND v % 7 = 0 AND area = 'l' THEN money(pre * 0.1) ELSE 0 END AS hosp FROM aided
), personal AS (
    SELECT *, fee - fund - hosp AS psn,
        CASE WHEN insutype IN ('310', '510') AND pay_loc <> '1' THEN money(least(fee - fund - hosp, 60 + 900 * u('account', v)))
            WHEN insutype = '390' AND u('shared', v) < 0.04 AND pay_loc <> '1' THEN money(least(fee - fund - hosp, 200)) ELSE 0 END AS acct
    FROM summed
)
SELECT *, idno('S', v) AS setl_id, idno('M', v) AS mdtrt_id, CAST(NULL AS VARCHAR) AS init_id,
    CASE WHEN insutype = '390' THEN acct WHEN u('shared too', v) < 0.03 THEN money(acct * 0.5) ELSE 0 END AS mulaid,
    day + INTERVAL 8 HOUR + CAST(pick('second', v, 34000) AS INTEGER) * INTERVAL 1 SECOND AS setl_time,
    CAST(day - CAST(nights AS INTEGER) AS DATE) AS begndate, CASE WHEN mark = 'refunded_settlement' THEN '1' ELSE '0' END AS refd,
    CASE WHEN mark = 'invalid_settlement' THEN '0' ELSE '1' END AS vali
FROM personal;

INSERT INTO settled SELECT * REPLACE (setl_id || 'D' AS setl_id, setl_time + INTERVAL 4 MINUTE AS setl_time) FROM settled WHERE mark = 'double_settlement';
INSERT INTO settled
SELECT * REPLACE (setl_id || 'R' AS setl_id, setl_id AS init_id, setl_time + INTERVAL 90 MINUTE AS setl_time, -fee AS fee, -own AS own, -over AS over, -pre AS pre,
    -inscp AS inscp, -act_dedc AS act_dedc, -hifp AS hifp, -othfund AS othfund, -cvl AS cvl, -hifob AS hifob, -hifmi AS hifmi, -maf AS maf,
    -fund AS fund, -hosp AS hosp, -psn AS psn, -acct AS acct, -mulaid AS mulaid)
FROM settled WHERE mark = 'refunded_settlement';
INSERT INTO planted
SELECT mark, setl_id, fee FROM settled
WHERE mark IN ('overlapping_stay', 'settled_while_paused', 'invalid_settlement', 'recorded_late')
    OR (mark = 'double_settlement' AND setl_id LIKE 'S%D') OR (mark = 'refunded_settlement' AND refd = '1' AND init_id IS NULL);
INSERT INTO planted SELECT 'doubled_institution', code, sum(fee) FROM settled WHERE doubled GROUP BY code;

CREATE TABLE out_setl_d AS
SELECT
    setl_id, init_id AS init_setl_id, mdtrt_id, psn_no, insutype,
    CASE kind WHEN 'retired' THEN '12' WHEN 'cadre' THEN '13' WHEN 'resident' THEN '15' ELSE '11' END AS psn_type, med_type, '2' AS setl_type,
    setl_time, CASE WHEN mark = 'recorded_late' THEN setl_time + INTERVAL 40 DAY ELSE setl_time + INTERVAL 2 SECOND END AS crte_time,
    begndate, day AS enddate, code AS fixmedins_code, name AS fixmedins_name, hosp_lv, dedc_lv AS dedc_hosp_lv, blng AS fix_blng_admdvs,
    admdvs AS insu_admdvs, pay_loc, CASE WHEN area = 'l' THEN blng ELSE '620100' END AS clr_optins, clr_type, fee AS medfee_sumamt, own AS fulamt_ownpay_amt,
    over AS overlmt_selfpay, pre AS preselfpay_amt, inscp AS inscp_amt, dedc AS dedc_std, dedc AS crt_dedc, act_dedc AS act_pay_dedc,
    1 - paid_rate AS pool_prop_selfpay, hifp AS hifp_pay, cvl AS cvlserv_pay, 0 AS hifes_pay, hifmi AS hifmi_pay, hifob AS hifob_pay, 0 AS hifdm_pay,
    maf AS maf_pay, othfund AS othfund_pay, fund AS fund_pay_sumamt, psn AS psn_pay, acct AS acct_pay, mulaid AS acct_mulaid_pay, psn - acct AS cash_payamt,
    hosp AS ownpay_hosp_part, refd AS refd_setl_flag, vali AS vali_flag, CASE WHEN med_type = '14' THEN 'M03900' END AS dise_no,
    CASE WHEN med_type = '14' THEN '高血压' END AS dise_name, emp_type, date_diff('year', brdy, day) AS age, gend
FROM settled;

CREATE TABLE out_mdtrt_d AS
WITH diag AS (SELECT * FROM (VALUES
    (0, 'I10.x00', '高血压'), (1, 'E11.900', '2型糖尿病'), (2, 'J18.900', '肺炎'), (3, 'I25.100', '冠心病'), (4, 'I63.900', '脑梗死'), (5, 'K80.200', '胆囊结石'),
    (6, 'M51.200', '腰椎间盘突出'), (7, 'J44.900', '慢性阻塞性肺病'), (8, 'N18.900', '慢性肾病'), (9, 'K35.800', '急性阑尾炎'), (10, 'S82.000', '髌骨骨折'), (11, 'H25.900', '白内障')) AS d (nth, c, t))
SELECT
    idno('M', v) AS mdtrt_id, psn_no, insutype, CASE kind WHEN 'retired' THEN '12' WHEN 'cadre' THEN '13' WHEN 'resident' THEN '15' ELSE '11' END AS psn_type,
    admdvs AS insu_admdvs, code AS fixmedins_code, name AS fixmedins_name, hosp_lv, blng AS fix_blng_admdvs,
    day - CAST(nights AS INTEGER) + INTERVAL 8 HOUR AS begntime, day + INTERVAL 8 HOUR AS endtime, med_type, 'Z' || idno('', v) AS ipt_otp_no,
    CASE WHEN stay THEN '样例内科' END AS adm_dept_name, CASE WHEN stay THEN '样例内科' END AS dscg_dept_name,
    CASE WHEN lv = '9' THEN NULL WHEN med_type IN ('51', '52', '53') THEN 'O80.900' ELSE diag.c END AS dscg_maindiag_code,
    CASE WHEN lv = '9' THEN NULL WHEN med_type IN ('51', '52', '53') THEN '顺产' ELSE diag.t END AS dscg_maindiag_name,
    CASE WHEN med_type = '14' THEN 'M03900' END AS dise_no, CASE WHEN med_type = '14' THEN '高血压' END AS dise_name,
    CASE WHEN stay THEN nights + 1 END AS ipt_days,
    CASE med_type WHEN '51' THEN '7' WHEN '52' THEN CASE WHEN v % 3 = 0 THEN '3' ELSE '1' END END AS matn_type,
    CASE WHEN med_type = '53' THEN CAST(1 + v % 5 AS VARCHAR) END AS birctrl_type, emp_no, '1' AS vali_flag
FROM stay JOIN diag ON diag.nth = maindiag;

CREATE TABLE out_fee_list_d AS
SELECT
    s.setl_id, s.mdtrt_id, idno('', b.k) AS feedetl_sn, b.day - CAST(pick('charged', b.k, b.nights + 1) AS INTEGER) + INTERVAL 9 HOUR AS fee_ocur_time,
    s.code AS fixmedins_code, s.admdvs AS insu_admdvs, b.list_type, b.chrgitm AS med_chrgitm_type, b.itemlv AS chrgitm_lv, b.code AS hilist_code,
    b.name AS hilist_name, b.code AS med_list_codg, 'L' || b.code AS medins_list_codg, b.name AS medins_list_name, b.cnt, b.unit_price AS pric,
    b.lmt AS pric_uplmt_amt, b.prop AS selfpay_prop, b.amount AS det_item_fee_sumamt, b.own AS fulamt_ownpay_amt, b.over AS overlmt_selfpay,
    b.pre AS preselfpay_amt, b.amount - b.own - b.over - b.pre AS inscp_amt, s.vali AS vali_flag
FROM settled AS s JOIN bill AS b ON b.v = s.v WHERE s.init_id IS NULL;
