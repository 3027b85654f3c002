-- One line per institution, a total.
WITH counted AS (
    SELECT
        COALESCE(fixmedins_code, '未登记') AS fixmedins_code,
        kind, priority, state, message_cnt, visit_cnt, escalated_to, outage_flag, response_min
    FROM desk_case
    WHERE opened_on >= :since AND opened_on < :until AND state <> 'merged'
)
SELECT
    fixmedins_code,
    GROUPING(fixmedins_code) AS rolled,
    CAST(COUNT(*) AS BIGINT) AS case_cnt,
    CAST(COALESCE(SUM(message_cnt), 0) AS BIGINT) AS message_cnt,
    CAST(COALESCE(SUM(CASE WHEN kind = 'fault' THEN 1 ELSE 0 END), 0) AS BIGINT) AS fault_cnt,
    CAST(COALESCE(SUM(CASE WHEN priority IN ('urgent', 'high') THEN 1 ELSE 0 END), 0) AS BIGINT) AS pressing_cnt,
    CAST(COALESCE(SUM(CASE WHEN state NOT IN ('resolved', 'closed') THEN 1 ELSE 0 END), 0) AS BIGINT) AS open_cnt,
    CAST(COALESCE(SUM(CASE WHEN escalated_to IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS escalated_cnt,
    CAST(COALESCE(SUM(CASE WHEN outage_flag = '1' THEN 1 ELSE 0 END), 0) AS BIGINT) AS outage_cnt,
    CAST(COALESCE(SUM(visit_cnt), 0) AS BIGINT) AS visit_cnt,
    CAST(COALESCE(SUM(CASE WHEN response_min <= 30 THEN 1 ELSE 0 END), 0) AS BIGINT) AS within_cnt,
    CAST(ROUND(CAST(SUM(CASE WHEN response_min <= 30 THEN 1 ELSE 0 END) AS DECIMAL(38,12)) / NULLIF(COUNT(*), 0), 6) AS DECIMAL(18,6)) AS within_rate
FROM counted
GROUP BY GROUPING SETS ((fixmedins_code), ())
