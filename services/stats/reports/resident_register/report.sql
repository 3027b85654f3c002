-- A participation a line. Of the identities that a person had on the day, the smallest code and their number are told.
WITH identities AS (
    SELECT psn_no, MIN(psn_idet_type) AS psn_idet_type, COUNT(DISTINCT psn_idet_type) AS idet_cnt
    FROM psn_idet_d
    WHERE vali_flag = '1' AND begndate < :until AND (enddate IS NULL OR enddate >= :since)
    GROUP BY psn_no
)

SELECT
    p.psn_insu_rlts_id,
    0 AS rolled,
    p.psn_no,
    b.psn_name,
    b.certno,
    b.gend,
    b.brdy,
    b.resd_natu,
    p.insutype,
    p.psn_type,
    i.psn_idet_type,
    CAST(COALESCE(i.idet_cnt, 0) AS BIGINT) AS idet_cnt,
    p.psn_insu_stas,
    p.psn_insu_date,
    p.paus_insu_date,
    p.insu_admdvs
FROM psn_insu_d AS p
LEFT JOIN psn_info_b AS b ON b.psn_no = p.psn_no
LEFT JOIN identities AS i ON i.psn_no = p.psn_no
WHERE
    p.insutype = '390' AND p.psn_insu_stas IN ('1', '2') AND p.psn_insu_date < :until
    AND (:insu_admdvs = '' OR p.insu_admdvs LIKE :insu_admdvs || '%')
