-- One line per category and kind of work, a subtotal per category, a total.
WITH counted AS (
    SELECT
        COALESCE(category, '未归类') AS category, COALESCE(kind, 'consultation') AS kind,
        state, category_by, escalated_to, reopen_cnt, outage_flag
    FROM desk_case
    WHERE opened_on >= :since AND opened_on < :until AND state <> 'merged'
),
everything AS (SELECT COUNT(*) AS n FROM counted),
summed AS (
    SELECT
        category, kind, GROUPING(category) + GROUPING(kind) AS rolled,
        COUNT(*) AS case_cnt,
        COALESCE(SUM(CASE WHEN state IN ('resolved', 'closed') THEN 1 ELSE 0 END), 0) AS done_cnt,
        COALESCE(SUM(CASE WHEN escalated_to IS NOT NULL THEN 1 ELSE 0 END), 0) AS escalated_cnt,
        COALESCE(SUM(CASE WHEN reopen_cnt > 0 THEN 1 ELSE 0 END), 0) AS reopened_cnt,
        COALESCE(SUM(CASE WHEN outage_flag = '1' THEN 1 ELSE 0 END), 0) AS outage_cnt,
        COALESCE(SUM(CASE WHEN category_by = 'staff' THEN 1 ELSE 0 END), 0) AS corrected_cnt
    FROM counted
    GROUP BY GROUPING SETS ((category, kind), (category), ())
)
SELECT
    summed.category,
    summed.kind,
    summed.rolled,
    CAST(summed.case_cnt AS BIGINT) AS case_cnt,
    CAST(ROUND(CAST(summed.case_cnt AS DECIMAL(38,12)) / NULLIF(everything.n, 0), 6) AS DECIMAL(18,6)) AS share,
    CAST(summed.done_cnt AS BIGINT) AS done_cnt,
    CAST(summed.escalated_cnt AS BIGINT) AS escalated_cnt,
    CAST(summed.reopened_cnt AS BIGINT) AS reopened_cnt,
    CAST(summed.outage_cnt AS BIGINT) AS outage_cnt,
    CAST(summed.corrected_cnt AS BIGINT) AS corrected_cnt
FROM summed CROSS JOIN everything
