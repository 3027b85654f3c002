-- One line per category, a total. A quantile is the smallest value that at least that share of the cases does not exceed.
WITH told AS (
    SELECT COALESCE(category, '未归类') AS category, 0 AS rolled, response_min, resolve_min
    FROM desk_case
    WHERE opened_on >= :since AND opened_on < :until AND state <> 'merged'
    UNION ALL
    SELECT CAST(NULL AS VARCHAR) AS category, 1 AS rolled, response_min, resolve_min
    FROM desk_case
    WHERE opened_on >= :since AND opened_on < :until AND state <> 'merged'
),
ranked AS (
    SELECT
        category, rolled, response_min, resolve_min,
        ROW_NUMBER() OVER (
            PARTITION BY rolled, category ORDER BY CASE WHEN response_min IS NULL THEN 1 ELSE 0 END, response_min
        ) AS response_place,
        COUNT(response_min) OVER (PARTITION BY rolled, category) AS response_n,
        ROW_NUMBER() OVER (
            PARTITION BY rolled, category ORDER BY CASE WHEN resolve_min IS NULL THEN 1 ELSE 0 END, resolve_min
        ) AS resolve_place,
        COUNT(resolve_min) OVER (PARTITION BY rolled, category) AS resolve_n
    FROM told
)
SELECT
    category,
    rolled,
    CAST(COUNT(*) AS BIGINT) AS case_cnt,
    CAST(COUNT(response_min) AS BIGINT) AS responded_cnt,
    CAST(SUM(CASE WHEN response_min <= :within THEN 1 ELSE 0 END) AS BIGINT) AS within_cnt,
    CAST(ROUND(CAST(SUM(CASE WHEN response_min <= :within THEN 1 ELSE 0 END) AS DECIMAL(38,12)) / NULLIF(COUNT(*), 0), 6) AS DECIMAL(18,6)) AS within_rate,
    CAST(MIN(CASE WHEN response_place * 2 >= response_n THEN response_min END) AS DECIMAL(18,2)) AS response_median,
    CAST(MIN(CASE WHEN response_place * 10 >= response_n * 9 THEN response_min END) AS DECIMAL(18,2)) AS response_p90,
    CAST(COUNT(resolve_min) AS BIGINT) AS resolved_cnt,
    CAST(MIN(CASE WHEN resolve_place * 2 >= resolve_n THEN resolve_min END) AS DECIMAL(18,2)) AS resolve_median,
    CAST(MIN(CASE WHEN resolve_place * 10 >= resolve_n * 9 THEN resolve_min END) AS DECIMAL(18,2)) AS resolve_p90
FROM ranked
GROUP BY category, rolled
