-- One line per clock, policy, institution and month; subtotals without the month, without the institution; a total.
WITH cycles AS (
    SELECT
        clock,
        COALESCE(policy, '未登记') AS policy,
        COALESCE(fixmedins_code, '未登记') AS fixmedins_code,
        SUBSTRING(CAST(started_on AS VARCHAR), 1, 7) AS month,
        outcome
    FROM desk_clock
    WHERE started_on >= :since AND started_on < :until
),
counted AS (
    SELECT
        clock, policy, fixmedins_code, month,
        GROUPING(clock) + GROUPING(policy) + GROUPING(fixmedins_code) + GROUPING(month) AS rolled,
        COUNT(*) AS cycle_cnt,
        COALESCE(SUM(CASE WHEN outcome = 'kept' THEN 1 ELSE 0 END), 0) AS kept_cnt,
        COALESCE(SUM(CASE WHEN outcome = 'late' THEN 1 ELSE 0 END), 0) AS late_cnt,
        COALESCE(SUM(CASE WHEN outcome = 'open' THEN 1 ELSE 0 END), 0) AS open_cnt,
        COALESCE(SUM(CASE WHEN outcome = 'void' THEN 1 ELSE 0 END), 0) AS void_cnt
    FROM cycles
    GROUP BY GROUPING SETS ((clock, policy, fixmedins_code, month), (clock, policy, fixmedins_code), (clock, policy), ())
)
SELECT
    clock,
    policy,
    fixmedins_code,
    month,
    rolled,
    CAST(cycle_cnt AS BIGINT) AS cycle_cnt,
    CAST(kept_cnt AS BIGINT) AS kept_cnt,
    CAST(late_cnt AS BIGINT) AS late_cnt,
    CAST(CAST(FLOOR(CAST(kept_cnt * 10000 AS DOUBLE) / NULLIF(kept_cnt + late_cnt, 0)) AS DECIMAL(18,6)) / 10000 AS DECIMAL(18,6)) AS kept_rate,
    CAST(open_cnt AS BIGINT) AS open_cnt,
    CAST(void_cnt AS BIGINT) AS void_cnt
FROM counted
