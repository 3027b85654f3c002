-- Who saw whom and when, and every line of the bill.
CREATE TABLE kind AS SELECT med_type, clr_type, lag(upto, 1, 0) OVER (ORDER BY upto) AS above, upto FROM (VALUES
    ('11', '11', 0.47), ('41', '41', 0.70), ('14', '14', 0.79), ('12', '12', 0.81), ('13', '13', 0.83), ('9901', '15', 0.85),
    ('21', '21', 0.955), ('22', '22', 0.962), ('23', '21', 0.966), ('24', '21', 0.970), ('28', '28', 0.976), ('51', '53', 0.985),
    ('52', '9978', 0.993), ('53', '9986', 1.001)) AS k (med_type, clr_type, upto);

-- At most one stay of a person in a month and none across months, so that stays which overlap are planted ones.
CREATE TABLE visit AS
WITH slots AS (
    SELECT i.i, i.kind, i.psn_no, i.insutype, i.emp_no, i.emp_type, i.brdy, i.gend, i.admdvs, m.mi, m.first_day, m.next_month,
        CAST((i.i * 1000 + m.mi) * 10 + s AS BIGINT) AS v, s
    FROM insu AS i
    JOIN month AS m ON i.joined <= m.first_day AND (i.paused IS NULL OR i.paused >= m.next_month),
        unnest(range(3)) AS t (s)
    WHERE i.main AND i.insutype IN ('310', '390', '340')
        AND u('goes', (i.i * 1000 + m.mi) * 10 + s) < m.load * 0.13 * (0.6 + date_diff('year', i.brdy, m.first_day) / 60.0)
), typed AS (
    SELECT s.*, k.med_type AS drawn, k.clr_type AS drawn_clr, u('travel', v) AS t, u('where to', v) AS w,
        date_diff('day', first_day, next_month) AS length
    FROM slots AS s JOIN kind AS k ON u('kind of visit', v) >= k.above AND u('kind of visit', v) < k.upto
), settled AS (
    SELECT *,
        CASE WHEN drawn IN ('51', '52', '53') AND NOT (gend = '2' AND date_diff('year', brdy, first_day) BETWEEN 20 AND 44) THEN '11'
            WHEN drawn IN ('21', '22', '23', '24', '28', '52') AND s > 0 THEN '11'
            WHEN drawn = '9901' AND insutype <> '390' THEN '14' ELSE drawn END AS med_type
    FROM typed
), stays AS (
    SELECT *, med_type IN ('21', '22', '23', '24', '52') AS stay,
        CASE WHEN med_type IN ('21', '22', '23', '24', '52') THEN 2 + pick('stay', v, 16) ELSE 0 END AS nights,
        CASE WHEN med_type IN ('51', '52', '53') AND insutype = '310' AND kind = 'staff' THEN '510' ELSE insutype END AS paid_by
    FROM settled
), placed AS (
    SELECT *,
        CASE WHEN stay AND t < 0.05 THEN 'p' WHEN stay AND t < 0.085 THEN 'o' WHEN NOT stay AND t < 0.015 THEN 'p' WHEN NOT stay AND t < 0.022 THEN 'o' ELSE 'l' END AS area,
        CASE WHEN med_type = '41' OR (med_type = '14' AND w < 0.25) THEN '9'
            WHEN stay OR med_type = '28' THEN CASE WHEN w < 0.45 THEN '3' WHEN w < 0.78 THEN '2' WHEN w < 0.93 THEN '1' ELSE '4' END
            ELSE CASE WHEN w < 0.40 THEN '3' WHEN w < 0.60 THEN '2' WHEN w < 0.95 THEN '1' ELSE '4' END END AS lv
    FROM stays
)
SELECT v, p.i, kind, psn_no, paid_by AS insutype, emp_no, emp_type, brdy, gend, admdvs, mi, med_type,
    coalesce((SELECT max(k.clr_type) FROM kind AS k WHERE k.med_type = p.med_type), '99') AS clr_type, stay, nights,
    CAST(first_day + CAST(nights + pick('day', v, length - nights) AS INTEGER) AS DATE) AS day,
    CASE WHEN area = 'l' THEN lv ELSE '3' END AS lv, CASE WHEN lv = '9' THEN 'l' ELSE area END AS area, p.t, h('institution', v) AS draw, '' AS mark
FROM placed AS p;
UPDATE visit SET lv = '9' WHERE med_type = '41';

CREATE TABLE stay AS
SELECT v.*, n.i AS inst, n.code, n.name, n.admdvs AS blng, n.hosp_lv, n.dedc_lv, n.price, n.volume, n.doubled,
    CASE v.area WHEN 'l' THEN CASE WHEN v.t > 0.997 THEN '1' ELSE '2' END WHEN 'p' THEN CASE WHEN v.t < 0.004 THEN '1' ELSE '3' END
        ELSE CASE WHEN v.t < 0.018 OR v.t > 0.082 THEN '1' ELSE '4' END END AS pay_loc, pick('diagnosis', v.i, 12) AS maindiag
FROM visit AS v JOIN inst AS n ON n.area = v.area AND n.lv = v.lv AND n.nth = CAST(v.draw % CAST(n.peers AS UBIGINT) AS BIGINT);

-- Planted visits: the same stay at a second hospital, and a visit after the participation was paused.
INSERT INTO stay
WITH chosen AS (SELECT * FROM stay WHERE stay AND area = 'l' AND NOT doubled ORDER BY h('overlap', v) LIMIT getvariable('few'))
SELECT c.* REPLACE (c.v + 8 AS v, n.i AS inst, n.code AS code, n.name AS name, n.admdvs AS blng, n.hosp_lv AS hosp_lv, n.dedc_lv AS dedc_lv,
    n.price AS price, n.volume AS volume, '2' AS pay_loc, 'overlapping_stay' AS mark)
FROM chosen AS c JOIN inst AS n ON n.i = 18 + (c.inst + 1) % 12;

INSERT INTO stay
WITH chosen AS (
    SELECT i.*, m.mi, m.first_day FROM insu AS i JOIN month AS m ON i.paused < m.first_day
    WHERE i.main AND i.insutype IN ('310', '390')
    QUALIFY row_number() OVER (PARTITION BY i.i ORDER BY m.mi DESC) = 1
    ORDER BY h('paused visit', i.i) LIMIT getvariable('few')
)
SELECT (c.i * 1000 + c.mi) * 10 + 9, c.i, c.kind, c.psn_no, c.insutype, c.emp_no, c.emp_type, c.brdy, c.gend, c.admdvs, c.mi, '11', '11', false, 0,
    CAST(c.first_day + 3 AS DATE), n.lv, 'l', 0.5, h('institution', c.i), 'settled_while_paused', n.i, n.code, n.name, n.admdvs, n.hosp_lv, n.dedc_lv,
    n.price, n.volume, n.doubled, '2', 0
FROM chosen AS c JOIN inst AS n ON n.i = 0;

-- What is wrong with a visit; a visit has one thing wrong at most.
CREATE TABLE wrong AS
WITH clean AS (
    SELECT v, row_number() OVER (ORDER BY h('wrong', v)) - 1 AS nth FROM stay
    WHERE mark = '' AND area = 'l' AND lv <> '9' AND NOT doubled AND med_type <> '12'
)
SELECT v, ['double_settlement', 'invalid_settlement', 'refunded_settlement', 'recorded_late', 'price_over_limit', 'expired_item', 'unknown_item'][1 + nth // getvariable('few')] AS kind
FROM clean WHERE nth < 7 * getvariable('few');
UPDATE stay SET mark = wrong.kind FROM wrong WHERE wrong.v = stay.v;

-- How many lines of which sort a visit has; the quantity of an institution with twice the cost is doubled.
CREATE TABLE bill AS
WITH lines AS (
    SELECT v, inst, price, doubled, med_type, stay, nights, day, mark, lv, unnest(range(CASE
        WHEN stay THEN 7 + pick('lines', v, 8) WHEN med_type = '28' THEN 6 WHEN med_type = '12' THEN 1 WHEN med_type IN ('41', '14', '9901') THEN 1 + pick('lines', v, 3)
        ELSE 2 + pick('lines', v, 4) END)) AS j, volume
    FROM stay
), sorted AS (
    SELECT *, v * 32 + j AS k, CASE
        WHEN med_type = '12' THEN 'reg' WHEN med_type IN ('41', '14', '9901') THEN CASE WHEN u('sort', v * 32 + j) < 0.75 THEN 'drug' WHEN u('sort', v * 32 + j) < 0.92 THEN 'tcm' ELSE 'herb' END
        WHEN stay AND j = 0 THEN 'bed' WHEN stay AND j = 1 THEN 'nurse' WHEN (stay OR med_type IN ('28', '53')) AND j = 2 AND u('operated', v) < 0.4 THEN 'oper'
        WHEN (stay OR med_type = '28') AND j = 3 THEN 'mat' WHEN NOT stay AND j = 0 THEN 'visit'
        WHEN u('sort', v * 32 + j) < 0.42 THEN 'drug' WHEN u('sort', v * 32 + j) < 0.48 THEN 'tcm' WHEN u('sort', v * 32 + j) < 0.64 THEN 'exam'
        WHEN u('sort', v * 32 + j) < 0.84 THEN 'lab' ELSE 'treat' END AS cat
    FROM lines
), picked AS (
    SELECT s.*, CASE WHEN mark = 'expired_item' AND j = 1 THEN 'old' WHEN s.cat = 'tcm' AND k % 5 = 0 THEN 'own' WHEN s.cat = 'tcm' AND k % 5 = 1 THEN 'folk'
            WHEN s.cat = 'herb' AND k % 3 = 0 THEN 'granule' ELSE s.cat END AS bill_cat FROM sorted AS s
), priced AS (
    SELECT p.*, i.i AS item, i.code, i.name, i.list_type, i.chrgitm, i.lv AS itemlv, i.lmt, i.prop, i.base,
        CAST((CASE WHEN p.cat IN ('bed', 'nurse') THEN nights + 1 WHEN p.cat IN ('drug', 'tcm', 'herb') THEN 1 + pick('count', k, CASE WHEN stay THEN 9 ELSE 4 END)
            WHEN stay AND p.cat IN ('exam', 'lab', 'treat') THEN greatest(1, CAST(round(volume * (1 + pick('count', k, 4))) AS INTEGER)) ELSE 1 END)
            * CASE WHEN doubled THEN 2 ELSE 1 END AS DECIMAL(9, 4)) AS cnt,
        CASE WHEN mark = 'price_over_limit' AND j = 0 THEN money(i.lmt * 1.5) ELSE money(i.base * p.price) END AS unit_price
    FROM picked AS p JOIN item AS i ON i.cat = p.bill_cat AND i.pos = pick('item', k, i.n)
), charged AS (
    SELECT *, money(cnt * unit_price) AS amount, CASE WHEN prop = 1 THEN 0 ELSE money(cnt * greatest(unit_price - lmt, 0)) END AS over FROM priced
)
SELECT *, CASE WHEN prop = 1 THEN amount ELSE 0 END AS own,
    CASE WHEN prop = 1 OR prop = 0 THEN 0 ELSE money((amount - over) * prop) END AS pre
FROM charged;
INSERT INTO planted SELECT 'price_over_limit', idno('S', v) || '-' || idno('', k), money(cnt * (unit_price - lmt)) FROM bill WHERE unit_price > lmt;
INSERT INTO planted SELECT 'expired_item', idno('S', v) || '-' || idno('', k), amount FROM bill WHERE bill_cat = 'old';
UPDATE bill SET code = 'X99UNKNOWN' WHERE mark = 'unknown_item' AND j = 0;
INSERT INTO planted SELECT 'unknown_item', idno('S', v) || '-' || idno('', k), amount FROM bill WHERE code = 'X99UNKNOWN';
