-- What was paid by personal account and in cash at each institution; H stands for medical institutions, P for pharmacies.
WITH valid AS (
    SELECT
        CASE SUBSTRING(fixmedins_code, 1, 1) WHEN 'H' THEN '定点医疗机构' WHEN 'P' THEN '定点零售药店' ELSE '其他' END
            AS kind,
        fixmedins_code,
        MAX(COALESCE(fixmedins_name, '')) OVER (PARTITION BY fixmedins_code) AS fixmedins_name,
        psn_no,
        acct_pay,
        COALESCE(acct_mulaid_pay, 0) AS acct_mulaid_pay,
        cash_payamt
    FROM setl_d
    WHERE
        vali_flag = '1' AND refd_setl_flag = '0' AND setl_time >= :since AND setl_time < :until
        AND insu_admdvs LIKE :region || '%'
)

SELECT
    kind,
    fixmedins_code,
    fixmedins_name,
    GROUPING(kind) + GROUPING(fixmedins_code) + GROUPING(fixmedins_name) AS rolled,
    CAST(COUNT(*) AS BIGINT) AS setl_cnt,
    CAST(COALESCE(SUM(CASE WHEN acct_pay <> 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS card_cnt,
    CAST(COUNT(DISTINCT psn_no) AS BIGINT) AS psn_cnt,
    CAST(COALESCE(SUM(acct_pay), 0) AS DECIMAL(18, 2)) AS acct_pay,
    CAST(COALESCE(SUM(acct_mulaid_pay), 0) AS DECIMAL(18, 2)) AS acct_mulaid_pay,
    CAST(COALESCE(SUM(cash_payamt), 0) AS DECIMAL(18, 2)) AS cash_payamt,
    CAST(COALESCE(SUM(acct_pay), 0) + COALESCE(SUM(cash_payamt), 0) AS DECIMAL(18, 2)) AS paid_sumamt
FROM valid
GROUP BY GROUPING SETS ((kind, fixmedins_code, fixmedins_name), (kind), ())
