-- What each fund paid, by district and insurance. fund_pay_sumamt is what the centre says; the columns beside it are
-- its parts.
SELECT
    insu_admdvs,
    insutype,
    GROUPING(insu_admdvs) + GROUPING(insutype) AS rolled,
    CAST(COUNT(*) AS BIGINT) AS setl_cnt,
    CAST(COUNT(DISTINCT psn_no) AS BIGINT) AS psn_cnt,
    CAST(COALESCE(SUM(medfee_sumamt), 0) AS DECIMAL(18, 2)) AS medfee_sumamt,
    CAST(COALESCE(SUM(hifp_pay), 0) AS DECIMAL(18, 2)) AS hifp_pay,
    CAST(COALESCE(SUM(hifmi_pay), 0) AS DECIMAL(18, 2)) AS hifmi_pay,
    CAST(COALESCE(SUM(hifob_pay), 0) AS DECIMAL(18, 2)) AS hifob_pay,
    CAST(COALESCE(SUM(cvlserv_pay), 0) AS DECIMAL(18, 2)) AS cvlserv_pay,
    CAST(COALESCE(SUM(hifes_pay), 0) AS DECIMAL(18, 2)) AS hifes_pay,
    CAST(COALESCE(SUM(maf_pay), 0) AS DECIMAL(18, 2)) AS maf_pay,
    CAST(COALESCE(SUM(COALESCE(hifdm_pay, 0) + COALESCE(othfund_pay, 0)), 0) AS DECIMAL(18, 2)) AS other_pay,
    CAST(COALESCE(SUM(fund_pay_sumamt), 0) AS DECIMAL(18, 2)) AS fund_pay_sumamt,
    CAST(ROUND(CAST(SUM(fund_pay_sumamt) AS DECIMAL(38, 12)) / NULLIF(SUM(medfee_sumamt), 0), 6) AS DECIMAL(18, 6))
        AS fund_share
FROM setl_d
WHERE
    vali_flag = '1' AND refd_setl_flag = '0' AND insu_admdvs LIKE :region || '%'
    AND setl_time >= :since AND setl_time < :until
GROUP BY GROUPING SETS ((insu_admdvs, insutype), (insu_admdvs), (insutype), ())
