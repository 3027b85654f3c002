-- Employers as they were registered on the day, an insurance a line, with the heads that were in force for it.
WITH heads AS (
    SELECT
        emp_no,
        insutype,
        COUNT(DISTINCT psn_no) AS psn_cnt,
        COUNT(DISTINCT CASE WHEN insutype_retr_flag <> '0' THEN psn_no END) AS retired_cnt
    FROM psn_insu_d
    WHERE
        emp_no IS NOT NULL AND psn_insu_date < :until
        AND (psn_insu_stas = '1' OR (psn_insu_stas IN ('2', '4') AND paus_insu_date >= :until))
    GROUP BY emp_no, insutype
)

SELECT
    r.emp_no,
    r.insutype,
    0 AS rolled,
    e.emp_name,
    e.emp_entt_codg,
    e.emp_type,
    CASE
        WHEN e.emp_type IN ('50', '55', '56', '57', '70', '82', '90', '91') THEN '2'
        WHEN e.emp_type IN ('9001', '9002', '9003', '9004', '9005', '9009') THEN '2'
        WHEN e.emp_type = '30' THEN '3'
        WHEN e.emp_type IN ('80', '81', '9006', '9007', '9901', '9939') THEN '9'
        ELSE '1'
    END AS kind,
    r.insu_admdvs,
    r.emp_insu_date,
    r.emp_insu_stas,
    r.paus_insu_date,
    e.legrep_name,
    CAST(COALESCE(h.psn_cnt, 0) AS BIGINT) AS psn_cnt,
    CAST(COALESCE(h.retired_cnt, 0) AS BIGINT) AS retired_cnt
FROM emp_insu_d AS r
JOIN insu_emp_info_b AS e ON e.emp_no = r.emp_no
LEFT JOIN heads AS h ON h.emp_no = r.emp_no AND h.insutype = r.insutype
WHERE r.emp_insu_date < :until AND (:insutype = '' OR r.insutype = :insutype)
