-- One line per channel and day (or month), a subtotal per channel, a total.
WITH counted AS (
    SELECT
        COALESCE(channel, '未登记') AS channel,
        CASE WHEN :grain = 'month' THEN SUBSTRING(CAST(opened_on AS VARCHAR), 1, 7) ELSE CAST(opened_on AS VARCHAR) END AS day,
        priority, kind, state, fixmedins_code, message_cnt
    FROM desk_case
    WHERE opened_on >= :since AND opened_on < :until AND state <> 'merged'
)
SELECT
    channel,
    day,
    GROUPING(channel) + GROUPING(day) AS rolled,
    CAST(COUNT(*) AS BIGINT) AS case_cnt,
    CAST(COALESCE(SUM(message_cnt), 0) AS BIGINT) AS message_cnt,
    CAST(COALESCE(SUM(CASE WHEN kind = 'fault' THEN 1 ELSE 0 END), 0) AS BIGINT) AS fault_cnt,
    CAST(COALESCE(SUM(CASE WHEN priority = 'urgent' THEN 1 ELSE 0 END), 0) AS BIGINT) AS urgent_cnt,
    CAST(COALESCE(SUM(CASE WHEN state IN ('resolved', 'closed') THEN 1 ELSE 0 END), 0) AS BIGINT) AS done_cnt,
    CAST(COUNT(DISTINCT fixmedins_code) AS BIGINT) AS institution_cnt
FROM counted
GROUP BY GROUPING SETS ((channel, day), (channel), ())
