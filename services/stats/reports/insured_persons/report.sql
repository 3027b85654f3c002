-- A person is counted once in each line, subtotal and total: the lines of a district do not add up to its subtotal.
-- Whoever paid or was treated comes as rows of his own, because joining them to a participation multiplies both.
WITH people AS (
    SELECT
        p.insu_admdvs,
        p.insutype,
        p.psn_no,
        p.emp_no,
        CASE
            WHEN p.psn_insu_stas IN ('0', '3') OR p.psn_insu_date >= :until THEN 0
            WHEN p.psn_insu_stas = '1' OR (p.insutype = '390' AND p.psn_insu_stas = '2') THEN 1
            WHEN p.paus_insu_date >= :until THEN 1
            ELSE 0
        END AS held,
        CASE
            WHEN p.psn_insu_stas IN ('0', '3') THEN 0
            WHEN p.psn_insu_date >= :since AND p.psn_insu_date < :until THEN 1
            ELSE 0
        END AS joined,
        CASE WHEN p.paus_insu_date >= :since AND p.paus_insu_date < :until THEN 1 ELSE 0 END AS paused,
        0 AS paid,
        0 AS treated,
        p.insutype_retr_flag,
        b.gend,
        b.resd_natu,
        EXTRACT(YEAR FROM :until) * 10000 + EXTRACT(MONTH FROM :until) * 100 + EXTRACT(DAY FROM :until)
        - EXTRACT(YEAR FROM b.brdy) * 10000 - EXTRACT(MONTH FROM b.brdy) * 100 - EXTRACT(DAY FROM b.brdy) AS lived,
        e.emp_type
    FROM psn_insu_d AS p
    LEFT JOIN psn_info_b AS b ON b.psn_no = p.psn_no
    LEFT JOIN insu_emp_info_b AS e ON e.emp_no = p.emp_no
),

payers AS (
    SELECT p.insu_admdvs, p.insutype, p.psn_no
    FROM staf_psn_clct_detl_d AS r
    JOIN psn_insu_d AS p ON p.psn_insu_rlts_id = r.psn_insu_rlts_id
    WHERE
        r.insutype = '310' AND p.insutype = '310' AND p.psn_insu_stas = '1'
        AND r.clct_type = '10' AND r.clct_flag = '1' AND r.revs_flag = 'Z' AND r.clct_time < :until
        AND r.accrym_end >= SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7)
        AND r.accrym_begn <= SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7)
    UNION ALL
    SELECT p.insu_admdvs, p.insutype, p.psn_no
    FROM rsdt_psn_clct_detl_d AS r
    JOIN psn_insu_d AS p ON p.psn_insu_rlts_id = r.psn_insu_rlts_id
    WHERE
        p.insutype = '390' AND p.psn_insu_stas IN ('1', '2')
        AND r.clct_flag = '1' AND r.revs_flag = 'Z' AND r.clct_time < :until
        AND r.accrym_end >= SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7)
        AND r.accrym_begn <= SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7)
),

patients AS (
    SELECT insu_admdvs, insutype, psn_no
    FROM setl_d
    WHERE
        vali_flag = '1' AND refd_setl_flag = '0' AND hifp_pay > 0
        AND CASE WHEN :clock = 'crte_time' THEN crte_time ELSE setl_time END >= :since
        AND CASE WHEN :clock = 'crte_time' THEN crte_time ELSE setl_time END < :until
),

facts AS (
    SELECT
        insu_admdvs,
        insutype,
        psn_no,
        held,
        joined,
        paused,
        paid,
        treated,
        CASE WHEN held = 1 THEN emp_no END AS emp_no,
        CASE WHEN held = 1 AND gend = '2' THEN 1 ELSE 0 END AS woman,
        CASE WHEN held = 1 AND insutype_retr_flag <> '0' THEN 1 ELSE 0 END AS retired,
        CASE WHEN held = 1 AND resd_natu IN ('20', '21', '22') THEN 1 ELSE 0 END AS rural,
        CASE WHEN held = 1 AND lived <= 180000 THEN 1 ELSE 0 END AS minor,
        CASE WHEN held = 1 AND lived > 600000 THEN 1 ELSE 0 END AS aged,
        CASE
            WHEN held = 0 OR emp_no IS NULL THEN NULL
            WHEN emp_type IN ('50', '55', '56', '57', '70', '82', '90', '91') THEN '2'
            WHEN emp_type IN ('9001', '9002', '9003', '9004', '9005', '9009') THEN '2'
            WHEN emp_type = '30' THEN '3'
            WHEN emp_type IN ('80', '81', '9006', '9007', '9901', '9939') THEN '9'
            ELSE '1'
        END AS kind
    FROM people
    UNION ALL
    SELECT insu_admdvs, insutype, psn_no, 0, 0, 0, 1, 0, NULL, 0, 0, 0, 0, 0, NULL
    FROM payers
    UNION ALL
    SELECT insu_admdvs, insutype, psn_no, 0, 0, 0, 0, 1, NULL, 0, 0, 0, 0, 0, NULL
    FROM patients
)

SELECT
    insu_admdvs,
    insutype,
    GROUPING(insu_admdvs) + GROUPING(insutype) AS rolled,
    CAST(COUNT(DISTINCT emp_no) AS BIGINT) AS emp_cnt,
    CAST(COUNT(DISTINCT CASE WHEN held = 1 THEN psn_no END) AS BIGINT) AS psn_cnt,
    CAST(COUNT(DISTINCT CASE WHEN woman = 1 THEN psn_no END) AS BIGINT) AS woman_cnt,
    CAST(COUNT(DISTINCT CASE WHEN retired = 1 THEN psn_no END) AS BIGINT) AS retired_cnt,
    CAST(COUNT(DISTINCT CASE WHEN rural = 1 THEN psn_no END) AS BIGINT) AS rural_cnt,
    CAST(COUNT(DISTINCT CASE WHEN minor = 1 THEN psn_no END) AS BIGINT) AS minor_cnt,
    CAST(COUNT(DISTINCT CASE WHEN aged = 1 THEN psn_no END) AS BIGINT) AS aged_cnt,
    CAST(COUNT(DISTINCT CASE WHEN kind = '1' THEN psn_no END) AS BIGINT) AS enterprise_cnt,
    CAST(COUNT(DISTINCT CASE WHEN kind = '2' THEN psn_no END) AS BIGINT) AS institution_cnt,
    CAST(COUNT(DISTINCT CASE WHEN kind = '3' THEN psn_no END) AS BIGINT) AS agency_cnt,
    CAST(COUNT(DISTINCT CASE WHEN kind = '9' THEN psn_no END) AS BIGINT) AS other_cnt,
    CAST(COUNT(DISTINCT CASE WHEN joined = 1 THEN psn_no END) AS BIGINT) AS joined_cnt,
    CAST(COUNT(DISTINCT CASE WHEN paused = 1 THEN psn_no END) AS BIGINT) AS paused_cnt,
    CAST(COUNT(DISTINCT CASE WHEN paid = 1 THEN psn_no END) AS BIGINT) AS paid_cnt,
    CAST(COUNT(DISTINCT CASE WHEN treated = 1 THEN psn_no END) AS BIGINT) AS treated_cnt
FROM facts
WHERE insu_admdvs LIKE :region || '%'
GROUP BY GROUPING SETS ((insu_admdvs, insutype), (insu_admdvs), (insutype), ())
