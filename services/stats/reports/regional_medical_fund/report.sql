-- Where people are insured against where they were treated: the institution's district, not the settling office's.
WITH valid AS (
    SELECT
        insu_admdvs,
        COALESCE(fix_blng_admdvs, '未填') AS fix_blng_admdvs,
        psn_no,
        medfee_sumamt,
        COALESCE(inscp_amt, 0) AS inscp_amt,
        fund_pay_sumamt,
        acct_pay,
        cash_payamt,
        CASE
            WHEN SUBSTRING(fix_blng_admdvs, 1, 4) = SUBSTRING(insu_admdvs, 1, 4) THEN '1'
            WHEN SUBSTRING(fix_blng_admdvs, 1, 2) = SUBSTRING(insu_admdvs, 1, 2) THEN '2'
            ELSE '3'
        END AS reach
    FROM setl_d
    WHERE
        vali_flag = '1' AND refd_setl_flag = '0' AND insu_admdvs LIKE :region || '%'
        AND setl_time >= :since AND setl_time < :until
)

SELECT
    insu_admdvs,
    fix_blng_admdvs,
    GROUPING(insu_admdvs) + GROUPING(fix_blng_admdvs) AS rolled,
    CAST(COUNT(*) AS BIGINT) AS setl_cnt,
    CAST(COUNT(DISTINCT psn_no) AS BIGINT) AS psn_cnt,
    CAST(COALESCE(SUM(medfee_sumamt), 0) AS DECIMAL(18, 2)) AS medfee_sumamt,
    CAST(COALESCE(SUM(inscp_amt), 0) AS DECIMAL(18, 2)) AS inscp_amt,
    CAST(COALESCE(SUM(fund_pay_sumamt), 0) AS DECIMAL(18, 2)) AS fund_pay_sumamt,
    CAST(COALESCE(SUM(acct_pay), 0) AS DECIMAL(18, 2)) AS acct_pay,
    CAST(COALESCE(SUM(cash_payamt), 0) AS DECIMAL(18, 2)) AS cash_payamt,
    CAST(COALESCE(SUM(CASE WHEN reach = '1' THEN fund_pay_sumamt ELSE 0 END), 0) AS DECIMAL(18, 2)) AS city_fund,
    CAST(COALESCE(SUM(CASE WHEN reach = '2' THEN fund_pay_sumamt ELSE 0 END), 0) AS DECIMAL(18, 2)) AS province_fund,
    CAST(COALESCE(SUM(CASE WHEN reach = '3' THEN fund_pay_sumamt ELSE 0 END), 0) AS DECIMAL(18, 2)) AS abroad_fund,
    CAST(
        ROUND(
            CAST(SUM(CASE WHEN reach <> '1' THEN fund_pay_sumamt ELSE 0 END) AS DECIMAL(38, 12))
            / NULLIF(SUM(fund_pay_sumamt), 0), 6
        ) AS DECIMAL(18, 6)
    ) AS outside_share
FROM valid
GROUP BY GROUPING SETS ((insu_admdvs, fix_blng_admdvs), (insu_admdvs), (fix_blng_admdvs), ())
