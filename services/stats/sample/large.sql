-- Settlements drawn from two hashes a row, cut into pieces; amounts in fen until the end. Every 97th pair is a settlement and its refund.
WITH keyed AS (
    SELECT i, (i // 2) % 97 = 0 AS pair, i % 2 AS odd FROM range(getvariable('first'), getvariable('until')) AS r (i)
), drawn AS (
    SELECT i, pair, pair AND odd = 1 AS back, hash(getvariable('seed'), CASE WHEN pair THEN i - odd ELSE i END) AS a,
        hash(CASE WHEN pair THEN i - odd ELSE i END, getvariable('seed')) AS b
    FROM keyed
), shaped AS (
    SELECT i, pair, back, CAST(a & 65535 AS INTEGER) AS a0, CAST((a >> 16) & 65535 AS INTEGER) AS a1, CAST((a >> 32) & 65535 AS INTEGER) AS a2,
        CAST((a >> 48) & 65535 AS INTEGER) AS a3, CAST(b & 65535 AS INTEGER) AS b0, CAST((b >> 16) & 65535 AS INTEGER) AS b1,
        CAST((b >> 32) & 65535 AS INTEGER) AS b2, CAST((b >> 48) & 65535 AS INTEGER) AS b3
    FROM drawn
), typed AS (
    SELECT *, a0 < 6500 AND a1 % 45 < 33 AS stay, a1 % 45 AS n, (CAST(a2 AS BIGINT) * 65536 + b0) % getvariable('heads') AS person,
        20089 + (a3 * 668 >> 16) AS d, DATE '2025-01-01' + (a3 * 668 >> 16) AS day, b3 % 5 < 2 AS staff
    FROM shaped
), priced AS (
    SELECT *, CASE WHEN stay THEN 200000 + b0 * 37 ELSE 1500 + b0 END AS fee, CASE WHEN stay THEN 2 + b2 % 14 ELSE 0 END AS nights FROM typed
), parts AS (
    SELECT *, fee // 100 * (b3 % 12) AS own, fee // 100 * (a1 % 9) AS pre, CASE WHEN stay THEN 70000 ELSE 0 END AS dedc FROM priced
), based AS (
    SELECT *, fee - own - pre AS inscp, least(fee - own - pre, dedc) AS act_dedc, greatest(fee - own - pre - dedc, 0) AS base FROM parts
), funded AS (
    SELECT *, CASE WHEN n >= 33 THEN 0 WHEN staff THEN base // 5 * 4 ELSE base // 20 * 13 END AS hifp FROM based
), helped AS (
    SELECT *, CASE WHEN staff AND n < 33 AND base > 600000 THEN (base - hifp) // 2 ELSE 0 END AS hifob,
        CASE WHEN NOT staff AND n < 33 AND base - hifp > 150000 THEN (base - hifp - 150000) // 2 ELSE 0 END AS hifmi
    FROM funded
), paid AS (
    SELECT *, hifp + hifob + hifmi AS fund, fee - hifp - hifob - hifmi AS psn,
        CASE WHEN staff THEN least(fee - hifp - hifob - hifmi, 6000 + b1) ELSE 0 END AS acct, CASE WHEN back THEN -0.01 ELSE 0.01 END::DECIMAL(3, 2) AS yuan
    FROM helped
), named AS (
    SELECT *, substr('620102620103620104620105620111620121620122620123620199', 1 + 6 * (n % 9), 6) AS blng,
        CAST(28800 + b1 % 36000 + CASE WHEN back THEN 5400 ELSE 0 END AS BIGINT) AS second,
        CASE WHEN n >= 33 THEN '41' WHEN stay THEN '21' ELSE '11' END AS type
    FROM paid
)
SELECT
    'S' || i AS setl_id, CASE WHEN back THEN 'S' || (i - 1) END AS init_setl_id, 'M' || CASE WHEN back THEN i - 1 ELSE i END AS mdtrt_id, 'P9' || (1000000000 + person) AS psn_no,
    CASE WHEN staff THEN '310' ELSE '390' END AS insutype, CASE WHEN NOT staff THEN '15' WHEN a2 % 4 = 0 THEN '12' ELSE '11' END AS psn_type,
    type AS med_type, '2' AS setl_type, make_timestamp((d * 86400 + second) * 1000000) AS setl_time,
    make_timestamp((d * 86400 + second + 2) * 1000000) AS crte_time, day - nights AS begndate, day AS enddate,
    CASE WHEN n >= 33 THEN 'P' ELSE 'H' END || blng || (90000 + n) AS fixmedins_code, '样例机构' || n AS fixmedins_name,
    CASE WHEN n < 8 THEN '2' WHEN n < 18 THEN '5' WHEN n < 33 THEN '8' END AS hosp_lv,
    CASE WHEN n < 8 THEN '3' WHEN n < 18 THEN '2' WHEN n < 33 THEN '1' ELSE '9' END AS dedc_hosp_lv, blng AS fix_blng_admdvs,
    substr('620102620103620104620105620111620121620122620123620199', 1 + 6 * (person % 9), 6) AS insu_admdvs, '2' AS pay_loc,
    blng AS clr_optins, type AS clr_type, CAST(fee AS DECIMAL(9, 0)) * yuan AS medfee_sumamt, CAST(own AS DECIMAL(9, 0)) * yuan AS fulamt_ownpay_amt, 0 AS overlmt_selfpay,
    CAST(pre AS DECIMAL(9, 0)) * yuan AS preselfpay_amt, CAST(inscp AS DECIMAL(9, 0)) * yuan AS inscp_amt, CAST(CASE WHEN stay THEN 700 ELSE 0 END AS DECIMAL(9, 2)) AS dedc_std, CAST(CASE WHEN stay THEN 700 ELSE 0 END AS DECIMAL(9, 2)) AS crt_dedc, CAST(act_dedc AS DECIMAL(9, 0)) * yuan AS act_pay_dedc,
    CASE WHEN n >= 33 THEN 1 WHEN staff THEN 0.2 ELSE 0.35 END AS pool_prop_selfpay, CAST(hifp AS DECIMAL(9, 0)) * yuan AS hifp_pay, 0 AS cvlserv_pay, 0 AS hifes_pay,
    CAST(hifmi AS DECIMAL(9, 0)) * yuan AS hifmi_pay, CAST(hifob AS DECIMAL(9, 0)) * yuan AS hifob_pay, 0 AS hifdm_pay, 0 AS maf_pay, 0 AS othfund_pay, CAST(fund AS DECIMAL(9, 0)) * yuan AS fund_pay_sumamt,
    CAST(psn AS DECIMAL(9, 0)) * yuan AS psn_pay, CAST(acct AS DECIMAL(9, 0)) * yuan AS acct_pay, 0 AS acct_mulaid_pay, CAST(psn - acct AS DECIMAL(9, 0)) * yuan AS cash_payamt, 0 AS ownpay_hosp_part,
    CASE WHEN pair THEN '1' ELSE '0' END AS refd_setl_flag, CASE WHEN NOT pair AND b2 > 65100 THEN '0' ELSE '1' END AS vali_flag,
    20 + a2 % 70 AS age, CASE WHEN person % 2 = 0 THEN '1' ELSE '2' END AS gend
FROM named
