-- Maternity allowances by the month they are for (ym), not by the day they were granted.
WITH valid AS (
    SELECT
        insu_admdvs,
        COALESCE(matn_type, '未填') AS matn_type,
        psn_no,
        emp_no,
        alwn_days,
        matn_alwn_sumamt
    FROM matn_alwn_crtf_d
    WHERE
        vali_flag = '1' AND CAST(ym || '-01' AS DATE) >= :since AND CAST(ym || '-01' AS DATE) < :until
        AND insu_admdvs LIKE :region || '%'
),

summed AS (
    SELECT
        insu_admdvs,
        matn_type,
        GROUPING(insu_admdvs) + GROUPING(matn_type) AS rolled,
        COUNT(*) AS crtf_cnt,
        COUNT(DISTINCT psn_no) AS psn_cnt,
        COUNT(DISTINCT emp_no) AS emp_cnt,
        COALESCE(SUM(alwn_days), 0) AS alwn_days,
        COALESCE(SUM(matn_alwn_sumamt), 0) AS matn_alwn_sumamt
    FROM valid
    GROUP BY GROUPING SETS ((insu_admdvs, matn_type), (insu_admdvs), (matn_type), ())
)

SELECT
    insu_admdvs,
    matn_type,
    rolled,
    CAST(crtf_cnt AS BIGINT) AS crtf_cnt,
    CAST(psn_cnt AS BIGINT) AS psn_cnt,
    CAST(emp_cnt AS BIGINT) AS emp_cnt,
    CAST(alwn_days AS BIGINT) AS alwn_days,
    CAST(matn_alwn_sumamt AS DECIMAL(18, 2)) AS matn_alwn_sumamt,
    CAST(ROUND(matn_alwn_sumamt / NULLIF(psn_cnt, 0), 2) AS DECIMAL(18, 2)) AS avg_per_psn,
    CAST(ROUND(matn_alwn_sumamt / NULLIF(alwn_days, 0), 2) AS DECIMAL(18, 2)) AS avg_per_day
FROM summed
