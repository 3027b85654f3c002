-- One line per institution, month of settlement and day, as of that day. Subtotals and the total take the newest day.
WITH counts AS (
    SELECT
        fixmedins_code, setl_month, stt_date, need_upld_cnt, upld_cnt,
        COALESCE(qltctrl_pass_cnt, 0) AS qltctrl_pass_cnt, COALESCE(grp_cnt, 0) AS grp_cnt,
        ROW_NUMBER() OVER (PARTITION BY fixmedins_code, setl_month ORDER BY stt_date DESC) AS age
    FROM setl_list_upload
    WHERE stt_date >= :since AND stt_date < :until
),
summed AS (
    SELECT
        fixmedins_code, setl_month, stt_date,
        GROUPING(fixmedins_code) + GROUPING(setl_month) + GROUPING(stt_date) AS rolled,
        CASE WHEN GROUPING(stt_date) = 0 THEN SUM(need_upld_cnt) ELSE SUM(CASE WHEN age = 1 THEN need_upld_cnt ELSE 0 END) END AS need_cnt,
        CASE WHEN GROUPING(stt_date) = 0 THEN SUM(upld_cnt) ELSE SUM(CASE WHEN age = 1 THEN upld_cnt ELSE 0 END) END AS done_cnt,
        CASE WHEN GROUPING(stt_date) = 0 THEN SUM(qltctrl_pass_cnt) ELSE SUM(CASE WHEN age = 1 THEN qltctrl_pass_cnt ELSE 0 END) END AS pass_cnt,
        CASE WHEN GROUPING(stt_date) = 0 THEN SUM(grp_cnt) ELSE SUM(CASE WHEN age = 1 THEN grp_cnt ELSE 0 END) END AS group_cnt
    FROM counts
    GROUP BY GROUPING SETS ((fixmedins_code, setl_month, stt_date), (fixmedins_code, setl_month), ())
)
SELECT
    fixmedins_code,
    setl_month,
    stt_date,
    rolled,
    CAST(COALESCE(need_cnt, 0) AS BIGINT) AS need_upld_cnt,
    CAST(COALESCE(done_cnt, 0) AS BIGINT) AS upld_cnt,
    CAST(COALESCE(need_cnt - done_cnt, 0) AS BIGINT) AS left_cnt,
    CAST(ROUND(CAST(done_cnt AS DECIMAL(38,12)) / NULLIF(need_cnt, 0), 6) AS DECIMAL(18,6)) AS upld_rate,
    CAST(COALESCE(pass_cnt, 0) AS BIGINT) AS qltctrl_pass_cnt,
    CAST(ROUND(CAST(pass_cnt AS DECIMAL(38,12)) / NULLIF(done_cnt, 0), 6) AS DECIMAL(18,6)) AS qltctrl_rate,
    CAST(COALESCE(group_cnt, 0) AS BIGINT) AS grp_cnt,
    CAST(ROUND(CAST(group_cnt AS DECIMAL(38,12)) / NULLIF(done_cnt, 0), 6) AS DECIMAL(18,6)) AS grp_rate
FROM summed
