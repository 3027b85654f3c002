-- One line per engineer, a total. Cases are counted once per engineer and once in the total.
WITH acted AS (
    SELECT engineer, case_id, act, detail
    FROM desk_act
    WHERE acted_on >= :since AND acted_on < :until AND engineer IS NOT NULL
)
SELECT
    engineer,
    GROUPING(engineer) AS rolled,
    CAST(COUNT(DISTINCT CASE WHEN act NOT IN ('opened', 'assigned') THEN case_id END) AS BIGINT) AS case_cnt,
    CAST(COUNT(DISTINCT CASE WHEN act IN ('opened', 'assigned') THEN case_id END) AS BIGINT) AS assigned_cnt,
    CAST(COALESCE(SUM(CASE WHEN act = 'responded' THEN 1 ELSE 0 END), 0) AS BIGINT) AS reply_cnt,
    CAST(COUNT(DISTINCT CASE WHEN act = 'resolved' THEN case_id END) AS BIGINT) AS resolved_cnt,
    CAST(COALESCE(SUM(CASE WHEN act = 'escalated' THEN 1 ELSE 0 END), 0) AS BIGINT) AS escalated_cnt,
    CAST(COALESCE(SUM(CASE WHEN act = 'chased' THEN 1 ELSE 0 END), 0) AS BIGINT) AS chase_cnt,
    CAST(COALESCE(SUM(CASE WHEN act = 'visited' AND detail = 'arrived' THEN 1 ELSE 0 END), 0) AS BIGINT) AS visit_cnt,
    CAST(COALESCE(SUM(CASE WHEN act NOT IN ('opened', 'assigned') THEN 1 ELSE 0 END), 0) AS BIGINT) AS act_cnt
FROM acted
GROUP BY GROUPING SETS ((engineer), ())
