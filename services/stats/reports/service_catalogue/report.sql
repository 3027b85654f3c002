-- The services of the catalogue (诊疗项目) and how they were used. Of an entry with several validities the latest one
-- within the period counts; an entry that nobody used stays in the list with noughts.
WITH dated AS (
    SELECT
        hilist_code,
        hilist_name,
        list_type,
        COALESCE(chrgitm_lv, '未填') AS chrgitm_lv,
        hilist_pric,
        lmtpric,
        selfpay_prop,
        begndate,
        ROW_NUMBER() OVER (PARTITION BY hilist_code ORDER BY begndate DESC) AS place
    FROM hilist_b
    WHERE
        vali_flag = '1' AND list_type LIKE '2%' AND begndate < :until AND (enddate IS NULL OR enddate >= :since)
),

entries AS (
    SELECT hilist_code, hilist_name, list_type, chrgitm_lv, hilist_pric, lmtpric, selfpay_prop, begndate
    FROM dated
    WHERE place = 1
),

lines AS (
    SELECT
        fee_list_d.hilist_code,
        setl_d.setl_id,
        setl_d.psn_no,
        setl_d.fixmedins_code,
        fee_list_d.cnt,
        fee_list_d.pric,
        fee_list_d.pric_uplmt_amt,
        fee_list_d.det_item_fee_sumamt,
        COALESCE(fee_list_d.inscp_amt, 0) AS inscp_amt,
        COALESCE(fee_list_d.fulamt_ownpay_amt, 0) AS fulamt_ownpay_amt,
        COALESCE(fee_list_d.overlmt_selfpay, 0) AS overlmt_selfpay
    FROM fee_list_d
    INNER JOIN setl_d ON fee_list_d.setl_id = setl_d.setl_id
    WHERE
        fee_list_d.vali_flag = '1' AND setl_d.vali_flag = '1' AND setl_d.refd_setl_flag = '0'
        AND setl_d.setl_time >= :since AND setl_d.setl_time < :until AND setl_d.insu_admdvs LIKE :region || '%'
)

SELECT
    entries.list_type,
    entries.chrgitm_lv,
    entries.hilist_code,
    entries.hilist_name,
    GROUPING(entries.list_type) + GROUPING(entries.chrgitm_lv) + GROUPING(entries.hilist_code)
    + GROUPING(entries.hilist_name) AS rolled,
    CASE WHEN GROUPING(entries.hilist_code) = 0 THEN CAST(MAX(entries.hilist_pric) AS DECIMAL(18, 2)) END
        AS hilist_pric,
    CASE WHEN GROUPING(entries.hilist_code) = 0 THEN CAST(MAX(entries.lmtpric) AS DECIMAL(18, 2)) END AS lmtpric,
    CASE WHEN GROUPING(entries.hilist_code) = 0 THEN CAST(MAX(entries.selfpay_prop) AS DECIMAL(18, 4)) END
        AS selfpay_prop,
    CASE WHEN GROUPING(entries.hilist_code) = 0 THEN MAX(entries.begndate) END AS begndate,
    CAST(COUNT(DISTINCT entries.hilist_code) AS BIGINT) AS item_cnt,
    CAST(COUNT(DISTINCT CASE WHEN lines.setl_id IS NOT NULL THEN entries.hilist_code END) AS BIGINT) AS used_cnt,
    CAST(COUNT(lines.setl_id) AS BIGINT) AS line_cnt,
    CAST(COUNT(DISTINCT lines.fixmedins_code) AS BIGINT) AS inst_cnt,
    CAST(COUNT(DISTINCT lines.psn_no) AS BIGINT) AS psn_cnt,
    CAST(COALESCE(SUM(lines.cnt), 0) AS DECIMAL(18, 4)) AS cnt,
    CAST(COALESCE(SUM(lines.det_item_fee_sumamt), 0) AS DECIMAL(18, 2)) AS det_item_fee_sumamt,
    CAST(COALESCE(SUM(lines.inscp_amt), 0) AS DECIMAL(18, 2)) AS inscp_amt,
    CAST(COALESCE(SUM(lines.fulamt_ownpay_amt), 0) AS DECIMAL(18, 2)) AS fulamt_ownpay_amt,
    CAST(
        COALESCE(
            SUM(
                CASE
                    WHEN
                        COALESCE(lines.pric_uplmt_amt, entries.lmtpric, 0) > 0
                        AND lines.pric > COALESCE(lines.pric_uplmt_amt, entries.lmtpric, 0)
                        THEN 1
                    ELSE 0
                END
            ), 0
        ) AS BIGINT
    ) AS overlmt_cnt,
    CAST(COALESCE(SUM(lines.overlmt_selfpay), 0) AS DECIMAL(18, 2)) AS overlmt_selfpay
FROM entries
LEFT JOIN lines ON entries.hilist_code = lines.hilist_code
GROUP BY
    GROUPING SETS (
        (entries.list_type, entries.chrgitm_lv, entries.hilist_code, entries.hilist_name),
        (entries.list_type, entries.chrgitm_lv), (entries.list_type), (entries.chrgitm_lv), ()
    )
