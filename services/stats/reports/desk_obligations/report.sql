-- One line per duty, period and item; subtotals per period and per duty; a total.
WITH due AS (
    SELECT definition, COALESCE(period, '未登记') AS period, item, outcome, done_cnt, of_cnt, evidence_cnt
    FROM desk_obligation
    WHERE due_on >= :since AND due_on < :until
),
counted AS (
    SELECT
        definition, period, item, GROUPING(definition) + GROUPING(period) + GROUPING(item) AS rolled,
        COUNT(*) AS item_cnt,
        COALESCE(SUM(CASE WHEN outcome = 'kept' THEN 1 ELSE 0 END), 0) AS kept_cnt,
        COALESCE(SUM(CASE WHEN outcome = 'late' THEN 1 ELSE 0 END), 0) AS late_cnt,
        COALESCE(SUM(CASE WHEN outcome = 'exempted' THEN 1 ELSE 0 END), 0) AS exempted_cnt,
        COALESCE(SUM(CASE WHEN outcome = 'open' THEN 1 ELSE 0 END), 0) AS open_cnt,
        COALESCE(SUM(done_cnt), 0) AS done_cnt,
        COALESCE(SUM(of_cnt), 0) AS of_cnt,
        COALESCE(SUM(evidence_cnt), 0) AS evidence_cnt
    FROM due
    GROUP BY GROUPING SETS ((definition, period, item), (definition, period), (definition), ())
)
SELECT
    definition,
    period,
    item,
    rolled,
    CAST(item_cnt AS BIGINT) AS item_cnt,
    CAST(kept_cnt AS BIGINT) AS kept_cnt,
    CAST(late_cnt AS BIGINT) AS late_cnt,
    CAST(exempted_cnt AS BIGINT) AS exempted_cnt,
    CAST(open_cnt AS BIGINT) AS open_cnt,
    CAST(CAST(FLOOR(CAST(kept_cnt * 10000 AS DOUBLE) / NULLIF(kept_cnt + late_cnt, 0)) AS DECIMAL(18,6)) / 10000 AS DECIMAL(18,6)) AS kept_rate,
    CAST(done_cnt AS BIGINT) AS done_cnt,
    CAST(of_cnt AS BIGINT) AS of_cnt,
    CAST(evidence_cnt AS BIGINT) AS evidence_cnt
FROM counted
