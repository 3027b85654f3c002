-- What was paid in: employees by month and employer, residents by year, and what went into accounts.
CREATE TABLE arrears AS SELECT emp_no FROM (
    SELECT emp_no, count(*) AS n FROM insu WHERE kind = 'staff' AND insutype = '310' AND stas = '1' AND main AND joined < (SELECT since FROM span)
    GROUP BY emp_no) WHERE n >= 2 ORDER BY h('arrears', emp_no) LIMIT 2;

-- Employers of the list above have paid nothing for the last three months; else everybody pays, some a month late.
CREATE TABLE staff_pay AS
WITH due AS (
    SELECT i.*, m.mi, m.ym, m.first_day, i.i * 1000 + m.mi AS k,
        CAST(round(4500 + 11000 * power(u('wage', i.i), 2) + 40 * m.mi, 2) AS DECIMAL(18, 2)) AS wag,
        coalesce(i.emp_no IN (SELECT emp_no FROM arrears), false) AND m.mi > (SELECT max(mi) FROM month) - 3 AS unpaid,
        i.emp_no IS NOT NULL AND u('late', coalesce(i.emp_no, '') || m.ym) < 0.03 AS late
    FROM insu AS i JOIN month AS m ON i.joined < m.next_month AND (i.paused IS NULL OR i.paused >= m.next_month)
    WHERE i.kind IN ('staff', 'flexible') AND i.main AND i.insutype IN ('310', '320', '330')
), based AS (SELECT *, CAST(least(greatest(wag, 4200), 21000) AS DECIMAL(18, 2)) AS std FROM due),
counted AS (
    SELECT *,
        money(CASE insutype WHEN '310' THEN std * 0.08 WHEN '320' THEN std * 0.04 ELSE 5 END) AS emp_amt,
        money(CASE insutype WHEN '310' THEN std * 0.02 WHEN '320' THEN 0 ELSE 5 END) AS psn_amt,
        money(CASE WHEN insutype = '310' AND brdy < first_day - INTERVAL 45 YEAR THEN std * 0.01 ELSE 0 END) AS emp_into
    FROM based
)
SELECT
    'P' || rlts || substr(ym, 1, 4) || substr(ym, 6, 2) AS id, i, rlts, psn_no, emp_no, insutype, ym AS begn, ym AS endm, wag, std, emp_amt, emp_into, psn_amt,
    CASE WHEN insutype = '310' THEN psn_amt ELSE 0 END AS psn_into,
    CASE WHEN late AND NOT unpaid THEN money((emp_amt + psn_amt) * 0.0005 * 20) ELSE 0 END AS latefee,
    CASE WHEN NOT unpaid THEN first_day + CAST(5 + pick('paid on', coalesce(emp_no, psn_no) || ym, 20) + CASE WHEN late THEN 20 ELSE 0 END AS INTEGER)
        + INTERVAL 10 HOUR END AS paid,
    '10' AS type, CASE WHEN unpaid THEN '0' ELSE '1' END AS flag, 'Z' AS revs, admdvs, mi
FROM counted;

-- One payment for many years: those who retire short of years.
INSERT INTO staff_pay
SELECT 'P' || i.rlts || 'ONCE', i.i, rlts, psn_no, NULL, insutype, '2010-01', '2014-12', 0, 0, 0, 0,
    money(8000 + 20000 * u('once', i.i)), 0, 0, m.first_day + INTERVAL 10 DAY, CASE WHEN h('once type', i.i) % 2 = 0 THEN '32' ELSE '33' END, '1', 'Z', admdvs, m.mi
FROM insu AS i JOIN month AS m ON m.mi = pick('once at', i.i, (SELECT count(*) FROM month))
WHERE i.kind = 'retired' AND i.insutype = '310' AND u('short of years', i.i) < 0.03;

CREATE TABLE reversed AS SELECT id FROM staff_pay WHERE insutype = '310' AND flag = '1' AND type = '10'
ORDER BY h('reversed', id) LIMIT getvariable('few');
UPDATE staff_pay SET revs = 'F' WHERE id IN (SELECT id FROM reversed);
INSERT INTO staff_pay
SELECT id || 'R', i, rlts, psn_no, emp_no, insutype, begn, endm, wag, std, -emp_amt, -emp_into, -psn_amt, -psn_into, 0,
    paid + INTERVAL 3 DAY, type, flag, revs, admdvs, mi
FROM staff_pay WHERE id IN (SELECT id FROM reversed);
INSERT INTO planted SELECT 'reversed_payment', id, emp_amt + psn_amt FROM staff_pay WHERE id LIKE 'P%R' AND revs = 'F';

CREATE TABLE out_staf_psn_clct_detl_d AS
SELECT
    id AS psn_clct_detl_id, rlts AS psn_insu_rlts_id, psn_no, emp_no, insutype, begn AS accrym_begn, endm AS accrym_end, wag,
    std AS emp_clctstd, std AS psn_clctstd, emp_amt AS emp_clct_amt, emp_into AS emp_clct_into_acct_amt, psn_amt AS psn_clct_amt,
    psn_into AS psn_clct_into_acct_amt, 0 AS oth_clct_amt, 0 AS finsubs_amt, 0 AS traf_sumamt, emp_amt + psn_amt AS clct_sumamt,
    CASE WHEN latefee > 0 THEN money(latefee * 0.1) ELSE 0 END AS inte, latefee, paid AS clct_time, type AS clct_type, flag AS clct_flag,
    revs AS revs_flag, '620100' AS poolarea_no, admdvs AS insu_admdvs
FROM staff_pay;

CREATE TABLE emp_pay AS
SELECT
    'Q' || emp_no || insutype || replace(begn, '-', '') AS id, emp_no, insutype, begn AS ym, count(*) AS heads, sum(wag) AS wag,
    sum(std) AS std, sum(emp_amt) AS emp_amt, sum(psn_amt) AS psn_amt, sum(emp_into + psn_into) AS into_acct, sum(latefee) AS latefee,
    sum(CASE WHEN latefee > 0 THEN money(latefee * 0.1) ELSE 0 END) AS inte, '10' AS type, flag, 'Z' AS revs,
    CAST(max(paid) AS DATE) AS arrived, CASE WHEN count(*) < 3 THEN '02' ELSE '01' END AS asses, CASE WHEN flag = '1' THEN '4' ELSE '1' END AS stas
FROM staff_pay WHERE emp_no IS NOT NULL AND type = '10' AND id NOT LIKE 'P%R'
GROUP BY emp_no, insutype, begn, flag;

-- Other actions of the assessment desk: taken back and made again, charged afterwards, differences returned.
INSERT INTO emp_pay
SELECT id || 'B', emp_no, insutype, ym, heads, wag, std, emp_amt, psn_amt, into_acct, 0, 0, type, '0', 'F', NULL, '10', '2'
FROM emp_pay WHERE u('taken back', id) < 0.02;
INSERT INTO emp_pay
SELECT id || 'S', emp_no, insutype, ym, 1, 500, 500, CASE WHEN u('made up', id) < 0.03 THEN 40 ELSE -40 END, CASE WHEN u('made up', id) < 0.03 THEN 10 ELSE -10 END,
    0, 0, 0, '20', '1', 'Z', arrived, CASE WHEN u('made up', id) < 0.03 THEN '03' ELSE '04' END, '4'
FROM emp_pay WHERE u('made up', id) < 0.05 AND insutype = '310' AND flag = '1' AND asses <> '10';

CREATE TABLE out_emp_clct_detl_d AS
SELECT
    id AS emp_clct_detl_id, emp_no, insutype, ym AS cashym, ym AS accrym_begn, ym AS accrym_end, heads AS clct_psncnt, wag AS staf_totlwag,
    CASE insutype WHEN '310' THEN 0.08 WHEN '320' THEN 0.04 ELSE 0 END AS emp_clct_paraval, CASE insutype WHEN '310' THEN 0.02 ELSE 0 END AS psn_clct_paraval,
    std AS emp_clctstd_sumamt, std AS psn_clctstd_sumamt, emp_amt AS emp_clct_amt, psn_amt AS psn_clct_amt, 0 AS oth_clct_amt,
    into_acct AS into_acct_amt, emp_amt + psn_amt AS amt, inte, latefee, type AS clct_type, flag AS clct_flag, revs AS revs_flag,
    arrived AS arvl_date, asses AS asses_type, stas AS asses_stas,
    CAST(ym || '-02' AS DATE) + INTERVAL 9 HOUR + CAST(pick('minute', id, 400) AS INTEGER) * INTERVAL 1 MINUTE AS asses_time,
    'OP' || lpad(CAST(1 + pick('opter', id, 6) AS VARCHAR), 3, '0') AS opter_id, admdvs AS insu_admdvs
FROM emp_pay JOIN employer USING (emp_no);
INSERT INTO planted SELECT 'employer_arrears', id, emp_amt + psn_amt FROM emp_pay WHERE flag = '0' AND revs = 'Z';

-- Residents pay for a year from September of the year before to its February; some never do.
CREATE TABLE resident_pay AS
WITH due AS (
    SELECT i.*, y.year, i.i * 10000 + y.year AS k, 400 + (y.year - 2025) * 20 AS own, 670 + (y.year - 2025) * 30 AS state, d.type AS idet,
        CAST(make_date(y.year - 1, 9, 1) + CAST(floor(180 * power(u('resident paid', i.i * 10000 + y.year), 1.3)) AS INTEGER) AS DATE) AS day
    FROM insu AS i
    JOIN (SELECT DISTINCT year FROM month UNION SELECT max(year) + 1 FROM month WHERE calendar >= 9) AS y
        ON year(i.joined) <= y.year AND (i.paused IS NULL OR year(i.paused) >= y.year)
    LEFT JOIN idet AS d ON d.i = i.i
    WHERE i.insutype = '390' AND i.main
)
SELECT
    'P' || rlts || CAST(year AS VARCHAR) AS id, rlts, psn_no, year, idet,
    money(own * CASE WHEN idet IS NULL THEN 1 ELSE 0.5 END) AS own, money(state) AS state, money(CASE WHEN idet IS NULL THEN 0 ELSE own * 0.5 END) AS oth,
    CASE WHEN u('pays', k) < 0.95 AND day < (SELECT until FROM span) THEN day + INTERVAL 9 HOUR + CAST(pick('minute paid', k, 500) AS INTEGER) * INTERVAL 1 MINUTE END AS paid,
    admdvs
FROM due;

INSERT INTO resident_pay
SELECT id || 'N', rlts, psn_no, year, idet, -own, 0, 0, paid + INTERVAL 5 DAY, admdvs
FROM resident_pay WHERE paid IS NOT NULL AND idet IS NULL ORDER BY h('negative', id) LIMIT getvariable('few');
INSERT INTO planted SELECT 'negative_payment', id, own FROM resident_pay WHERE own < 0;

CREATE TABLE out_rsdt_psn_clct_detl_d AS
SELECT
    id AS psn_clct_detl_id, rlts AS psn_insu_rlts_id, psn_no, '390' AS insutype, year || '-01' AS accrym_begn, year || '-12' AS accrym_end,
    own AS psn_clct_amt, state AS finsubs_amt, oth AS oth_clct_amt, own + state + oth AS clct_sumamt, paid AS clct_time, '10' AS clct_type,
    CASE WHEN paid IS NULL THEN '0' ELSE '1' END AS clct_flag, 'Z' AS revs_flag, admdvs AS insu_admdvs
FROM resident_pay;

CREATE TABLE out_acct_inc_detl_d AS
SELECT 'A' || id AS acct_inc_detl_id, psn_no, insutype, substr(begn, 1, 4) AS year, '1' AS acct_incexpd_type, psn_into + emp_into AS inc_sumamt,
    psn_into AS acct_psn_clct_crtyear_inc, emp_into AS emp_clct_into_acct_amt, paid AS crte_time, admdvs AS insu_admdvs
FROM staff_pay WHERE insutype = '310' AND flag = '1' AND type = '10'
UNION ALL
SELECT 'A' || i.rlts || replace(m.ym, '-', ''), i.psn_no, '310', substr(m.ym, 1, 4), '1', money(110), 0, money(110),
    m.first_day + INTERVAL 8 HOUR, i.admdvs
FROM insu AS i JOIN month AS m ON i.joined < m.next_month WHERE i.kind = 'retired' AND i.insutype = '310';
