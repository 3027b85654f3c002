-- Employers, persons and what they take part in. A person has one basic insurance unless two are planted.
CREATE TABLE employer AS
SELECT j, idno('E', j) AS emp_no, p.admdvs, t.emp_type
FROM (SELECT j, u('where', j) AS w, u('kind', j) AS k FROM range(greatest(12, getvariable('persons') // 40)) AS r (j)) AS e
JOIN (SELECT admdvs, lag(upto, 1, 0) OVER (ORDER BY upto) AS above, upto FROM place) AS p ON e.w >= p.above AND e.w < p.upto
JOIN (SELECT emp_type, lag(upto, 1, 0) OVER (ORDER BY upto) AS above, upto FROM (VALUES
    ('10', 0.55), ('99', 0.60), ('50', 0.72), ('55', 0.76), ('70', 0.79), ('30', 0.90), ('80', 0.95), ('9006', 0.97),
    ('82', 1.01)) AS v (emp_type, upto)) AS t ON e.k >= t.above AND e.k < t.upto;

CREATE TABLE person AS
WITH drawn AS (
    SELECT i, u('kind of person', i) AS k, u('age', i) AS a, pick('day of birth', i, 365) AS d,
        CASE WHEN h('sex', i) % 2 = 0 THEN '1' ELSE '2' END AS gend, u('place', i) AS w,
        CAST(floor(power(u('employer', i), 1.6) * (SELECT count(*) FROM employer)) AS BIGINT) AS e
    FROM range(getvariable('persons')) AS r (i)
), sorted AS (
    SELECT *, CASE WHEN k < 0.30 THEN 'staff' WHEN k < 0.33 THEN 'flexible' WHEN k < 0.42 THEN 'retired'
        WHEN k < 0.425 THEN 'cadre' ELSE 'resident' END AS kind FROM drawn
)
SELECT
    i, kind, gend, idno('P9', i) AS psn_no,
    CAST(CAST((SELECT since FROM span) AS DATE) - CAST(365 * CASE kind WHEN 'retired' THEN 56 + a * 34 WHEN 'cadre' THEN 88 + a * 9
        WHEN 'resident' THEN a * 88 ELSE 22 + a * 32 END AS INTEGER) - CAST(d AS INTEGER) AS DATE) AS brdy,
    CASE WHEN kind = 'staff' THEN e.emp_no WHEN kind = 'retired' AND a < 0.7 THEN e.emp_no END AS emp_no,
    CASE WHEN kind IN ('staff', 'retired') THEN e.emp_type END AS emp_type,
    CASE WHEN kind IN ('staff', 'retired') THEN e.admdvs ELSE p.admdvs END AS admdvs
FROM sorted AS s
JOIN employer AS e ON e.j = s.e
JOIN (SELECT admdvs, lag(upto, 1, 0) OVER (ORDER BY upto) AS above, upto FROM place) AS p ON s.w >= p.above AND s.w < p.upto;

CREATE TABLE out_psn_info_b AS
SELECT
    psn_no, substr('赵钱孙李周吴郑王冯陈褚卫', 1 + pick('surname', i, 12), 1) || '样' || substr('例本范试演练习', 1 + pick('given', i, 7), 1) AS psn_name,
    '01' AS psn_cert_type, '99' || lpad(CAST(i // 1000 % 10000 AS VARCHAR), 4, '0') || strftime(brdy, '%Y%m%d')
        || lpad(CAST(i % 1000 AS VARCHAR), 3, '0') || 'X' AS certno,
    gend, brdy, CASE WHEN u('folk', i) < 0.9 THEN '1' ELSE '3' END AS naty,
    CASE WHEN kind IN ('resident', 'flexible') THEN CASE pick('household', i, 4) WHEN 0 THEN '20' WHEN 1 THEN '21' WHEN 2 THEN '22' ELSE '10' END
        ELSE CASE pick('household', i, 3) WHEN 0 THEN '10' WHEN 1 THEN '11' ELSE '12' END END AS resd_natu,
    '100' || lpad(CAST(pick('tel', i, 100000000) AS VARCHAR), 8, '0') AS tel, admdvs AS insu_admdvs
FROM person;

CREATE TABLE insu AS
WITH kinds AS (
    SELECT p.i, unnest(CASE
        WHEN kind = 'resident' THEN ['390'] WHEN kind = 'cadre' THEN ['340'] WHEN kind = 'retired' THEN ['310', '330']
        WHEN kind = 'flexible' THEN ['310'] WHEN emp_type IN ('30', '50', '55') THEN ['310', '320', '330', '510']
        ELSE ['310', '330', '510'] END) AS insutype
    FROM person AS p
), dated AS (
    SELECT p.*, k.insutype, u('state', p.i) AS s,
        CASE WHEN u('joined', p.i) < 0.82 OR kind IN ('retired', 'cadre')
            THEN CAST(DATE '2015-01-01' + CAST(pick('joined on', p.i, 3000) AS INTEGER) AS DATE)
            ELSE CAST((SELECT since FROM span) + CAST(pick('joined on', p.i, (SELECT date_diff('day', since, until) FROM span)) AS INTEGER) AS DATE)
        END AS joined
    FROM person AS p JOIN kinds AS k USING (i)
)
SELECT
    i, kind, psn_no, 'R' || lpad(CAST(i AS VARCHAR), 11, '0') || insutype AS rlts, insutype, emp_no, emp_type, brdy, gend, admdvs, joined,
    CASE WHEN kind IN ('staff', 'flexible', 'resident') AND s < 0.06 THEN CASE WHEN s < 0.045 THEN '2' ELSE '4' END ELSE '1' END AS stas,
    CASE WHEN kind IN ('staff', 'flexible', 'resident') AND s < 0.06 THEN greatest(CAST(joined + 31 AS DATE),
        CAST((SELECT since FROM span) + CAST(pick('paused', i, (SELECT date_diff('day', since, until) FROM span)) AS INTEGER) AS DATE)) END AS paused,
    CASE WHEN kind IN ('retired', 'cadre') THEN '1' ELSE '0' END AS retr, true AS main
FROM dated;

-- Residents who moved keep the participation that ended: whoever joins by person alone counts them twice.
INSERT INTO insu
SELECT i, kind, psn_no, 'R' || lpad(CAST(i AS VARCHAR), 11, '0') || '390M', insutype, emp_no, emp_type, brdy, gend, '620199',
    DATE '2010-01-01', '4', DATE '2014-12-31', retr, false
FROM insu WHERE kind = 'resident' AND stas = '1' AND u('moved', i) < 0.03;

INSERT INTO insu
SELECT i, kind, psn_no, 'R' || lpad(CAST(i AS VARCHAR), 11, '0') || '390D', '390', NULL, NULL, brdy, gend, admdvs,
    CAST(joined + 20 AS DATE), '1', NULL, '0', false
FROM insu WHERE kind = 'staff' AND insutype = '310' AND stas = '1' ORDER BY h('double enrolment', i) LIMIT getvariable('few');
INSERT INTO planted SELECT 'double_enrolment', psn_no, 0 FROM insu WHERE rlts LIKE '%390D';

CREATE TABLE out_psn_insu_d AS
SELECT
    rlts AS psn_insu_rlts_id, psn_no, emp_no, insutype,
    CASE kind WHEN 'retired' THEN '12' WHEN 'cadre' THEN '13' WHEN 'resident' THEN CASE WHEN brdy > (SELECT since FROM span) - INTERVAL 18 YEAR
        THEN '1403' WHEN brdy < (SELECT since FROM span) - INTERVAL 60 YEAR THEN '16' ELSE '15' END ELSE '11' END AS psn_type,
    stas AS psn_insu_stas, joined AS psn_insu_date, paused AS paus_insu_date, retr AS insutype_retr_flag,
    admdvs AS insu_admdvs, '620100' AS poolarea_no
FROM insu;

CREATE TABLE out_psn_insu_chg_c AS
SELECT 'C' || rlts || '1' AS evtsn, rlts AS psn_insu_rlts_id, psn_no, emp_no, insutype, '1' AS chg_type,
    joined + INTERVAL 10 HOUR AS chg_time, admdvs AS insu_admdvs
FROM insu WHERE joined >= (SELECT since FROM span)
UNION ALL
SELECT 'C' || rlts || '2', rlts, psn_no, emp_no, insutype, CASE stas WHEN '2' THEN '2' ELSE '4' END, paused + INTERVAL 15 HOUR, admdvs
FROM insu WHERE paused >= (SELECT since FROM span);

CREATE TABLE idet AS
SELECT i, psn_no, admdvs, CASE pick('identity', i, 4) WHEN 0 THEN '2301' WHEN 1 THEN '2302' WHEN 2 THEN '2303' ELSE '21' END AS type
FROM person WHERE kind = 'resident' AND u('subsidised', i) < 0.08;

CREATE TABLE out_psn_idet_d AS
SELECT psn_no, type AS psn_idet_type, CAST((SELECT since FROM span) - INTERVAL 2 YEAR AS DATE) AS begndate,
    CAST(NULL AS DATE) AS enddate, '1' AS vali_flag, admdvs AS insu_admdvs
FROM idet;

CREATE TABLE out_insu_emp_info_b AS
SELECT emp_no, '99' || lpad(CAST(j AS VARCHAR), 14, '0') || 'YL' AS emp_entt_codg, '样例单位' || CAST(j AS VARCHAR) AS emp_name, emp_type,
    '样例法人' || CAST(j AS VARCHAR) AS legrep_name, '100' || lpad(CAST(j AS VARCHAR), 8, '0') AS legrep_tel, admdvs AS insu_admdvs
FROM employer;

CREATE TABLE out_emp_insu_d AS
SELECT emp_no, insutype, DATE '2012-01-01' AS emp_insu_date, '1' AS emp_insu_stas, CAST(NULL AS DATE) AS paus_insu_date, admdvs AS insu_admdvs
FROM employer, unnest(['310', '330', '510']) AS t (insutype)
UNION ALL
SELECT emp_no, '320', DATE '2012-01-01', '1', NULL, admdvs FROM employer WHERE emp_type IN ('30', '50', '55');
