-- What personal accounts paid, by district and kind of care. The kinds are those of the standard filter, in its order:
-- a chronic patient's purchase at a pharmacy (14) is the pharmacy's.
WITH valid AS (
    SELECT
        insu_admdvs,
        psn_no,
        acct_pay,
        COALESCE(acct_mulaid_pay, 0) AS acct_mulaid_pay,
        CASE
            WHEN fixmedins_code LIKE 'P%' AND med_type IN ('14', '41') THEN '4'
            WHEN fixmedins_code LIKE 'P%' THEN '9'
            WHEN med_type IN ('11', '12', '51') THEN '1'
            WHEN med_type = '14' OR med_type LIKE '91%' THEN '2'
            WHEN med_type IN ('13', '21', '22', '23', '24', '52', '92') OR med_type LIKE '21%' THEN '3'
            ELSE '9'
        END AS care
    FROM setl_d
    WHERE
        vali_flag = '1' AND refd_setl_flag = '0' AND insu_admdvs LIKE :region || '%'
        AND setl_time >= :since AND setl_time < :until AND acct_pay <> 0
)

SELECT
    insu_admdvs,
    care,
    GROUPING(insu_admdvs) + GROUPING(care) AS rolled,
    CAST(COUNT(*) AS BIGINT) AS setl_cnt,
    CAST(COUNT(DISTINCT psn_no) AS BIGINT) AS psn_cnt,
    CAST(COALESCE(SUM(acct_pay), 0) AS DECIMAL(18, 2)) AS acct_pay,
    CAST(COALESCE(SUM(acct_pay - acct_mulaid_pay), 0) AS DECIMAL(18, 2)) AS own_pay,
    CAST(COALESCE(SUM(acct_mulaid_pay), 0) AS DECIMAL(18, 2)) AS acct_mulaid_pay,
    CAST(ROUND(CAST(SUM(acct_mulaid_pay) AS DECIMAL(38, 12)) / NULLIF(SUM(acct_pay), 0), 6) AS DECIMAL(18, 6))
        AS mulaid_share
FROM valid
GROUP BY GROUPING SETS ((insu_admdvs, care), (insu_admdvs), (care), ())
