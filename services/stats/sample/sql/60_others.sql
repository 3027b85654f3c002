-- Registrations elsewhere, allowances, transfers and the finance ledger.
CREATE TABLE out_out_appy_d AS
WITH away AS (
    SELECT i.*, CASE pick('elsewhere', i.i, 3) WHEN 0 THEN '02' WHEN 1 THEN '07' ELSE '08' END AS rea,
        CAST((SELECT since FROM span) - 200 + CAST(pick('registered', i.i, (SELECT 200 + date_diff('day', since, until) FROM span)) AS INTEGER) AS DATE) AS day,
        'l' || CAST(i.i AS VARCHAR) AS k
    FROM insu AS i WHERE i.main AND insutype IN ('310', '390', '340') AND u('lives elsewhere', i.i) < 0.04
    UNION ALL
    SELECT i.*, CASE WHEN s.v % 3 = 0 THEN '99' ELSE '06' END, CAST(s.day - CAST(s.nights AS INTEGER) - 2 AS DATE), 'v' || CAST(s.v AS VARCHAR)
    FROM stay AS s JOIN insu AS i ON i.i = s.i AND i.main AND i.insutype IN ('310', '390', '340') WHERE s.area <> 'l' AND s.stay
)
SELECT 'B' || k AS evtsn, psn_no, rlts AS psn_insu_rlts_id, insutype, retr AS insutype_retr_flag, rea AS rloc_rea,
    (SELECT list(admdvs ORDER BY i) FROM inst WHERE area <> 'l')[1 + pick('registered where', k, 8)] AS rloc_admdvs, admdvs AS insu_admdvs, day AS begndate,
    CASE WHEN rea IN ('06', '99') THEN CAST(day + 180 AS DATE) END AS enddate, CASE WHEN u('withdrawn', k) < 0.04 THEN '0' ELSE '1' END AS vali_flag,
    day + INTERVAL 11 HOUR AS crte_time
FROM away;

CREATE TABLE out_matn_alwn_crtf_d AS
WITH births AS (
    SELECT s.v, s.mi, s.day, s.maindiag, i.*, m AS part
    FROM stay AS s JOIN insu AS i ON i.i = s.i AND i.insutype = '510', unnest(range(4)) AS t (m) WHERE s.med_type = '52' AND s.insutype = '510'
)
SELECT 'W' || idno('', v) || CAST(part AS VARCHAR) AS evtsn, rlts AS psn_insu_rlts_id, psn_no, '510' AS insutype, emp_no, m.ym,
    CASE WHEN v % 3 = 0 THEN '3' ELSE '1' END AS matn_type, CASE WHEN part = 3 THEN 8 ELSE 30 END AS alwn_days,
    money(CASE WHEN part = 3 THEN 8 ELSE 30 END * (150 + 250 * u('wage', births.i))) AS matn_alwn_sumamt, CASE WHEN u('allowance', v) < 0.04 THEN '0' ELSE '1' END AS vali_flag,
    '620100' AS poolarea_no, admdvs AS insu_admdvs, births.day + INTERVAL 20 DAY + INTERVAL 14 HOUR AS crte_time
FROM births JOIN month AS m ON m.mi = births.mi + part;

CREATE TABLE out_rlts_traf_info_d AS
SELECT 'T' || rlts AS evtsn, psn_no, insutype, CASE WHEN h('in', i) % 2 = 0 THEN '620100' ELSE '610100' END AS trafin_admdvs,
    CASE WHEN h('in', i) % 2 = 0 THEN '620400' ELSE '620100' END AS trafout_admdvs, CASE WHEN h('in', i) % 2 = 0 THEN '11' ELSE '12' END AS traf_prot_dirc,
    money(CASE WHEN h('in', i) % 2 = 0 THEN 1000 + 5000 * u('transferred', i) ELSE 0 END) AS traf_sumamt, '1' AS vali_flag,
    (SELECT since FROM span) + CAST(pick('transferred on', i, (SELECT date_diff('day', since, until) FROM span)) AS INTEGER) + INTERVAL 10 HOUR AS crte_time, admdvs AS insu_admdvs
FROM insu WHERE insutype = '310' AND main AND u('transfer', i) < 0.02;

CREATE TABLE out_fund_ledger AS
WITH flows AS (
    SELECT CASE insutype WHEN '320' THEN '320100' WHEN '330' THEN '330100' ELSE '310100' END AS fund, strftime(paid, '%Y-%m') AS ym,
        emp_amt + psn_amt - psn_into - emp_into + latefee AS income, 0 AS expenditure FROM staff_pay WHERE flag = '1' AND revs = 'Z'
    UNION ALL SELECT '310200', strftime(crte_time, '%Y-%m'), inc_sumamt, 0 FROM out_acct_inc_detl_d
    UNION ALL SELECT '390100', strftime(paid, '%Y-%m'), own + state + oth, 0 FROM resident_pay WHERE paid IS NOT NULL
    UNION ALL SELECT t.fund, strftime(setl_time, '%Y-%m'), 0, t.amount
    FROM settled, LATERAL (VALUES (CASE WHEN insutype = '390' THEN '390100' ELSE '310100' END, hifp + othfund), ('310200', acct), ('320100', cvl), ('330100', hifob),
        ('390200', hifmi), ('610100', maf)) AS t (fund, amount) WHERE vali = '1' AND refd = '0'
    UNION ALL SELECT '310100', ym, 0, matn_alwn_sumamt FROM out_matn_alwn_crtf_d WHERE vali_flag = '1'
), months AS (
    SELECT f.fund, m.ym, m.mi, money(coalesce(sum(x.income), 0)) AS income, money(coalesce(sum(x.expenditure), 0)) AS expenditure
    FROM (VALUES ('310100'), ('310200'), ('320100'), ('330100'), ('390100'), ('390200'), ('610100')) AS f (fund) CROSS JOIN month AS m
    LEFT JOIN flows AS x ON x.fund = f.fund AND x.ym = m.ym GROUP BY f.fund, m.ym, m.mi
), chained AS (
    SELECT *, CAST(getvariable('persons') * 1500 AS DECIMAL(18, 2)) + sum(income - expenditure) OVER (PARTITION BY fund ORDER BY mi) AS closing FROM months
)
SELECT fund, CASE fund WHEN '320100' THEN '320' WHEN '330100' THEN '330' WHEN '390100' THEN '390' WHEN '390200' THEN '392' WHEN '610100' THEN '390' ELSE '310' END AS insutype,
    ym AS month, closing - income + expenditure AS opening_balance, income, expenditure, closing AS closing_balance, '620100' AS insu_admdvs
FROM chained;
