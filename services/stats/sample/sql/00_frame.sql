-- What everything else stands on: the draw of a number from the seed, the months, the places, the institutions, the catalogue.
-- h(salt, i) is the same for the same seed whatever the order or the threads, so every file comes out the same.
CREATE MACRO h(salt, i) AS hash(getvariable('seed'), salt, i);
CREATE MACRO pick(salt, i, n) AS CAST(h(salt, i) % CAST(n AS UBIGINT) AS BIGINT);
CREATE MACRO u(salt, i) AS (h(salt, i) % 1000003) / 1000003.0;
CREATE MACRO money(x) AS CAST(ROUND(x, 2) AS DECIMAL(18, 2));
CREATE MACRO idno(prefix, i) AS prefix || lpad(CAST(i AS VARCHAR), 14, '0');

CREATE TABLE month AS
SELECT
    mi, CAST(ym || '-01' AS DATE) AS first_day, ym,
    CAST(CAST(ym || '-01' AS DATE) + INTERVAL 1 MONTH AS DATE) AS next_month,
    CAST(substr(ym, 1, 4) AS INTEGER) AS year,
    CAST(substr(ym, 6, 2) AS INTEGER) AS calendar,
    (1 + 0.007 * mi) * CASE WHEN substr(ym, 6, 2) IN ('11', '12', '01') THEN 1.2 WHEN substr(ym, 6, 2) = '02' THEN 0.8 ELSE 1.0 END AS load
FROM (SELECT unnest(getvariable('months')) AS ym, unnest(range(len(getvariable('months')))) AS mi);

CREATE TABLE span AS SELECT min(first_day) AS since, max(next_month) AS until FROM month;

CREATE TABLE place AS
SELECT admdvs, name, upto FROM (VALUES
    ('620102', '城关', 0.30), ('620103', '七里河', 0.46), ('620104', '西固', 0.57), ('620105', '安宁', 0.67),
    ('620111', '红古', 0.73), ('620121', '永登', 0.81), ('620122', '皋兰', 0.86), ('620123', '榆中', 0.94),
    ('620199', '市本级', 1.01)) AS p (admdvs, name, upto);

-- `lv` is the peer group; institutions elsewhere (where patients travel to) have none. `area`: l local, p in the province, o outside.
CREATE TABLE inst AS
WITH local AS (
    SELECT i, CASE WHEN i < 8 THEN '3' WHEN i < 18 THEN '2' WHEN i < 30 THEN '1' WHEN i < 33 THEN '4' ELSE '9' END AS lv
    FROM range(45) AS r (i)
), placed AS (
    SELECT i, lv, p.admdvs, p.name, 'l' AS area
    FROM local JOIN (SELECT admdvs, name, row_number() OVER (ORDER BY admdvs) - 1 AS nth FROM place) AS p ON p.nth = i % 9
    UNION ALL
    SELECT 45 + row_number() OVER () - 1, '3', admdvs, name, area FROM (VALUES
        ('620400', '白银', 'p'), ('620500', '天水', 'p'), ('621100', '定西', 'p'), ('622900', '临夏', 'p'),
        ('610100', '西安', 'o'), ('510100', '成都', 'o'), ('110100', '北京', 'o'), ('640100', '银川', 'o')) AS o (admdvs, name, area)
)
SELECT
    i, lv, admdvs, area,
    row_number() OVER (PARTITION BY area, lv ORDER BY i) - 1 AS nth,
    count(*) OVER (PARTITION BY area, lv) AS peers,
    CASE WHEN lv = '9' THEN 'P' ELSE 'H' END || admdvs || lpad(CAST(900 + i AS VARCHAR), 5, '0') AS code,
    '样例' || name || CASE lv WHEN '9' THEN '大药房' WHEN '4' THEN '专科医院' WHEN '1' THEN '卫生院' ELSE '医院' END
        || CAST(i AS VARCHAR) AS name,
    CASE lv WHEN '3' THEN '2' WHEN '2' THEN '5' WHEN '1' THEN '8' WHEN '4' THEN '6' END AS hosp_lv,
    CASE lv WHEN '3' THEN '3' WHEN '2' THEN '2' WHEN '4' THEN '2' WHEN '1' THEN '1' ELSE '9' END AS dedc_lv,
    CASE lv WHEN '3' THEN 1.0 WHEN '2' THEN 0.85 WHEN '4' THEN 0.9 WHEN '1' THEN 0.7 ELSE 0.8 END AS price,
    CASE lv WHEN '3' THEN 1.6 WHEN '2' THEN 1.0 WHEN '4' THEN 1.2 WHEN '1' THEN 0.6 ELSE 1.0 END AS volume,
    area = 'l' AND lv = '2' AND row_number() OVER (PARTITION BY area, lv ORDER BY h('doubled', i)) = 1 AS doubled
FROM placed;

CREATE TABLE out_fixmedins_b AS
SELECT
    code AS fixmedins_code, name AS fixmedins_name, CASE lv WHEN '9' THEN '2' ELSE '1' END AS fixmedins_type, hosp_lv,
    CASE WHEN area = 'l' THEN lv END AS medinslv, admdvs AS fix_blng_admdvs, DATE '2020-01-01' AS begndate,
    CAST(NULL AS DATE) AS enddate, '1' AS vali_flag
FROM inst;

-- `cat` is what a line of a bill is; the last two drugs have expired, three items cost more than their own limit.
CREATE TABLE item AS
WITH cats AS (
    SELECT * FROM (VALUES
        ('drug', 30, '101', '09', '样例西药', 60.0, '盒'), ('tcm', 6, '101', '11', '样例中成药', 45.0, '盒'),
        ('herb', 4, '102', '10', '样例饮片', 30.0, '剂'), ('granule', 3, '106', '10', '样例颗粒', 35.0, '剂'),
        ('own', 2, '103', '11', '样例制剂', 25.0, '盒'), ('folk', 2, '104', '11', '样例民族药', 40.0, '盒'), ('bed', 3, '201', '01', '样例床位', 40.0, '日'),
        ('visit', 3, '201', '02', '样例诊察', 20.0, '次'), ('exam', 8, '201', '03', '样例检查', 160.0, '次'),
        ('lab', 8, '201', '04', '样例化验', 50.0, '次'), ('treat', 6, '201', '05', '样例治疗', 90.0, '次'),
        ('oper', 5, '201', '06', '样例手术', 1800.0, '次'), ('nurse', 2, '201', '07', '样例护理', 18.0, '日'),
        ('mat', 8, '301', '08', '样例耗材', 220.0, '件'), ('reg', 1, '201', '13', '样例挂号', 5.0, '次'),
        ('old', 2, '101', '09', '样例停用药', 50.0, '盒')) AS c (cat, n, list_type, chrgitm, title, price, unit)
), items AS (
    SELECT row_number() OVER (ORDER BY list_type, chrgitm, cat, pos) AS i, c.*, pos
    FROM cats AS c, unnest(range(n)) AS r (pos)
), priced AS (
    SELECT *, money(price * (0.4 + 1.6 * u('item', i))) AS base,
        CASE WHEN list_type = '101' OR list_type = '301' THEN u('level', i) ELSE u('level', i) * 0.6 END AS rank
    FROM items
)
SELECT
    i, cat, pos, n, list_type, chrgitm, title || CAST(pos + 1 AS VARCHAR) AS name, unit, base, money(base * 1.2) AS lmt,
    CASE list_type WHEN '101' THEN 'X' WHEN '102' THEN 'T' WHEN '301' THEN 'C' ELSE '00' END || '99' || lpad(CAST(i AS VARCHAR), 6, '0') AS code,
    CASE WHEN rank < 0.5 THEN '01' WHEN rank < 0.86 THEN '02' ELSE '03' END AS lv,
    CAST(CASE WHEN rank < 0.5 THEN 0 WHEN rank < 0.86 THEN 0.1 * (1 + pick('prop', i, 3)) ELSE 1 END AS DECIMAL(9, 4)) AS prop,
    cat <> 'old' AND row_number() OVER (PARTITION BY cat = 'old' ORDER BY h('dear', i)) <= 3 AS dear
FROM priced;

CREATE TABLE out_hilist_b AS
SELECT
    code AS hilist_code, name AS hilist_name, list_type, chrgitm AS med_chrgitm_type, lv AS chrgitm_lv, '样例规格' AS spec,
    unit AS prcunt_type, CASE WHEN dear THEN money(lmt * 1.1) ELSE base END AS hilist_pric, lmt AS lmtpric, prop AS selfpay_prop,
    DATE '2020-01-01' AS begndate,
    CASE WHEN cat = 'old' THEN CAST((SELECT since FROM span) - INTERVAL 1 DAY AS DATE) END AS enddate, '1' AS vali_flag
FROM item;

CREATE TABLE planted (kind VARCHAR, key VARCHAR, amount DECIMAL(18, 2));
INSERT INTO planted SELECT 'catalogue_over_limit', code, money(lmt * 1.1) - lmt FROM item WHERE dear;
