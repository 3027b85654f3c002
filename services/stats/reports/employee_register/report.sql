-- A participation a line: names and numbers were masked before they were stored, the person's number is a token.
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
    p.insutype_retr_flag,
    p.psn_insu_stas,
    p.psn_insu_date,
    p.paus_insu_date,
    p.emp_no,
    e.emp_name,
    p.insu_admdvs
FROM psn_insu_d AS p
LEFT JOIN psn_info_b AS b ON b.psn_no = p.psn_no
LEFT JOIN insu_emp_info_b AS e ON e.emp_no = p.emp_no
WHERE
    p.insutype = '310' AND p.psn_insu_date < :until
    AND (p.psn_insu_stas = :psn_insu_stas OR (:psn_insu_stas = '' AND p.psn_insu_stas IN ('1', '2', '4')))
    AND (:emp_no = '' OR p.emp_no = :emp_no)
