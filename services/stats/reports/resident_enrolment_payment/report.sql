-- Residents whose payment covers the last month of the period, by district and special identity.
-- A person may hold several identities: the one with the smallest code is his line, so that nobody is counted twice.
WITH identities AS (
    SELECT psn_no, MIN(psn_idet_type) AS psn_idet_type
    FROM psn_idet_d
    WHERE vali_flag = '1' AND begndate < :until AND (enddate IS NULL OR enddate >= :until - INTERVAL '1' DAY)
    GROUP BY psn_no
),

payments AS (
    SELECT
        p.insu_admdvs,
        COALESCE(i.psn_idet_type, '普通居民') AS psn_idet_type,
        r.psn_no,
        r.clct_time,
        COALESCE(r.psn_clct_amt, 0) AS psn_clct_amt,
        COALESCE(r.finsubs_amt, 0) AS finsubs_amt,
        COALESCE(r.oth_clct_amt, 0) AS oth_clct_amt,
        COALESCE(r.clct_sumamt, 0) AS clct_sumamt
    FROM rsdt_psn_clct_detl_d AS r
    JOIN psn_insu_d AS p ON p.psn_insu_rlts_id = r.psn_insu_rlts_id
    LEFT JOIN identities AS i ON i.psn_no = r.psn_no
    WHERE
        p.insutype = '390' AND p.psn_insu_stas IN ('1', '2')
        AND r.clct_flag = '1' AND r.revs_flag = 'Z' AND r.clct_time < :until
        AND r.accrym_begn < SUBSTRING(CAST(:until AS VARCHAR), 1, 7)
        AND r.accrym_end >= SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7)
)

SELECT
    insu_admdvs,
    psn_idet_type,
    GROUPING(insu_admdvs) + GROUPING(psn_idet_type) AS rolled,
    CAST(COUNT(DISTINCT psn_no) AS BIGINT) AS psn_cnt,
    CAST(COUNT(*) AS BIGINT) AS clct_cnt,
    CAST(SUM(psn_clct_amt) AS DECIMAL(18, 2)) AS psn_clct_amt,
    CAST(SUM(finsubs_amt) AS DECIMAL(18, 2)) AS finsubs_amt,
    CAST(SUM(oth_clct_amt) AS DECIMAL(18, 2)) AS oth_clct_amt,
    CAST(SUM(clct_sumamt) AS DECIMAL(18, 2)) AS clct_sumamt,
    CAST(SUM(CASE WHEN clct_time >= :since THEN 1 ELSE 0 END) AS BIGINT) AS arrived_cnt,
    CAST(SUM(CASE WHEN clct_time >= :since THEN clct_sumamt ELSE 0 END) AS DECIMAL(18, 2)) AS arrived_sumamt
FROM payments
GROUP BY GROUPING SETS ((insu_admdvs, psn_idet_type), (insu_admdvs), (psn_idet_type), ())
