-- Registrations for treatment elsewhere: those of the period (crte_time), and persons with one in force on its last day.
WITH registered AS (
    SELECT
        insutype,
        COALESCE(insutype_retr_flag, '未填') AS insutype_retr_flag,
        rloc_rea,
        CASE WHEN SUBSTRING(rloc_admdvs, 1, 2) = SUBSTRING(insu_admdvs, 1, 2) THEN '省内' ELSE '跨省' END AS reach,
        rloc_admdvs,
        psn_no,
        CASE WHEN crte_time >= :since THEN 1 ELSE 0 END AS fresh,
        CASE
            WHEN begndate < :until AND (enddate IS NULL OR date_diff('day', CAST(enddate AS DATE), :until) <= 1) THEN 1
            ELSE 0
        END AS in_force
    FROM out_appy_d
    WHERE vali_flag = '1' AND crte_time < :until AND insu_admdvs LIKE :region || '%'
)

SELECT
    insutype,
    insutype_retr_flag,
    rloc_rea,
    reach,
    rloc_admdvs,
    GROUPING(insutype) + GROUPING(insutype_retr_flag) + GROUPING(rloc_rea) + GROUPING(reach) + GROUPING(rloc_admdvs)
        AS rolled,
    CAST(COALESCE(SUM(fresh), 0) AS BIGINT) AS reg_cnt,
    CAST(COUNT(DISTINCT CASE WHEN fresh = 1 THEN psn_no END) AS BIGINT) AS psn_cnt,
    CAST(COUNT(DISTINCT CASE WHEN in_force = 1 THEN psn_no END) AS BIGINT) AS in_force_cnt
FROM registered
WHERE fresh = 1 OR in_force = 1
GROUP BY
    GROUPING SETS (
        (insutype, insutype_retr_flag, rloc_rea, reach, rloc_admdvs), (insutype, insutype_retr_flag, rloc_rea, reach),
        (insutype), (rloc_rea), (reach), ()
    )
