-- One line per institution and way of training, a subtotal per institution, a total.
WITH counted AS (
    SELECT
        COALESCE(fixmedins_code, '未登记') AS fixmedins_code, COALESCE(mode, '未登记') AS mode,
        state, satisfaction, attendance, held_on
    FROM desk_training
    WHERE training_on >= :since AND training_on < :until AND state <> 'merged'
)
SELECT
    fixmedins_code,
    mode,
    GROUPING(fixmedins_code) + GROUPING(mode) AS rolled,
    CAST(COUNT(*) AS BIGINT) AS training_cnt,
    CAST(COUNT(held_on) AS BIGINT) AS held_cnt,
    CAST(COALESCE(SUM(attendance), 0) AS BIGINT) AS attendance_cnt,
    CAST(COALESCE(SUM(CASE WHEN state = 'completed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS completed_cnt,
    CAST(COALESCE(SUM(CASE WHEN state = 'cancelled' THEN 1 ELSE 0 END), 0) AS BIGINT) AS cancelled_cnt,
    CAST(COUNT(satisfaction) AS BIGINT) AS rated_cnt,
    CAST(COALESCE(SUM(CASE WHEN satisfaction IN ('很满意', '满意') THEN 1 ELSE 0 END), 0) AS BIGINT) AS satisfied_cnt,
    CAST(ROUND(CAST(SUM(CASE WHEN satisfaction IN ('很满意', '满意') THEN 1 ELSE 0 END) AS DECIMAL(38,12)) / NULLIF(COUNT(satisfaction), 0), 6) AS DECIMAL(18,6)) AS satisfied_rate
FROM counted
GROUP BY GROUPING SETS ((fixmedins_code, mode), (fixmedins_code), ())
