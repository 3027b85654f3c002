-- Each source is summed over its own rows before they meet on a line: a join between the tables would multiply all of
-- them. What the ledger does not have is null, never nought.
WITH contributions AS (
    SELECT
        insutype, insu_admdvs, emp_clct_amt, psn_clct_amt, finsubs_amt, oth_clct_amt, inte, latefee, traf_sumamt,
        clct_flag, revs_flag, clct_time
    FROM staf_psn_clct_detl_d
    UNION ALL
    SELECT
        insutype, insu_admdvs, 0, psn_clct_amt, finsubs_amt, oth_clct_amt, 0, 0, 0,
        clct_flag, revs_flag, clct_time
    FROM rsdt_psn_clct_detl_d
),

income AS (
    SELECT
        insutype,
        insu_admdvs,
        SUM(emp_clct_amt) AS emp_clct_amt,
        SUM(psn_clct_amt) AS psn_clct_amt,
        SUM(finsubs_amt) AS finsubs_amt,
        SUM(oth_clct_amt) AS oth_clct_amt,
        SUM(inte) AS inte,
        SUM(latefee) AS latefee,
        SUM(traf_sumamt) AS traf_sumamt
    FROM contributions
    WHERE clct_flag = '1' AND revs_flag = 'Z' AND clct_time >= :since AND clct_time < :until
    GROUP BY insutype, insu_admdvs
),

settled AS (
    SELECT
        insutype,
        insu_admdvs,
        SUM(hifp_pay) AS hifp_pay,
        SUM(hifmi_pay) AS hifmi_pay,
        SUM(hifob_pay) AS hifob_pay,
        SUM(cvlserv_pay) AS cvlserv_pay,
        SUM(maf_pay) AS maf_pay,
        SUM(COALESCE(hifes_pay, 0) + COALESCE(hifdm_pay, 0) + COALESCE(othfund_pay, 0)) AS other_pay,
        SUM(acct_pay) AS acct_pay,
        SUM(CASE WHEN pay_loc = '1' THEN fund_pay_sumamt ELSE 0 END) AS odd_pay
    FROM setl_d
    WHERE vali_flag = '1' AND refd_setl_flag = '0' AND setl_time >= :since AND setl_time < :until
    GROUP BY insutype, insu_admdvs
),

allowances AS (
    SELECT COALESCE(insutype, '未填') AS insutype, insu_admdvs, SUM(matn_alwn_sumamt) AS matn_alwn_sumamt
    FROM matn_alwn_crtf_d
    WHERE vali_flag = '1' AND crte_time >= :since AND crte_time < :until
    GROUP BY COALESCE(insutype, '未填'), insu_admdvs
),

disbursed AS (
    SELECT
        insutype,
        clr_optins AS insu_admdvs,
        SUM(act_dfr_amt) AS act_dfr_amt,
        SUM(dpst_sumamt) AS dpst_sumamt,
        SUM(acct_pay) AS clr_acct_pay
    FROM medins_clr_sum_d
    WHERE
        clr_stas = '60'
        AND clr_ym >= SUBSTRING(CAST(:since AS VARCHAR), 1, 7)
        AND clr_ym <= SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7)
    GROUP BY insutype, clr_optins
),

entries AS (
    SELECT
        insutype,
        insu_admdvs,
        month,
        expenditure,
        closing_balance,
        MAX(month) OVER (PARTITION BY fund, insutype, insu_admdvs) AS last_month
    FROM fund_ledger
    WHERE
        month >= SUBSTRING(CAST(:since AS VARCHAR), 1, 7)
        AND month <= SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7)
),

ledger AS (
    SELECT
        insutype,
        insu_admdvs,
        SUM(expenditure) AS ledger_pay,
        SUM(CASE WHEN month = last_month THEN closing_balance ELSE 0 END) AS closing_balance,
        COUNT(DISTINCT month) AS months
    FROM entries
    GROUP BY insutype, insu_admdvs
),

places AS (
    SELECT insutype, insu_admdvs FROM income
    UNION
    SELECT insutype, insu_admdvs FROM settled
    UNION
    SELECT insutype, insu_admdvs FROM allowances
    UNION
    SELECT insutype, insu_admdvs FROM disbursed
    UNION
    SELECT insutype, insu_admdvs FROM ledger
),

lines AS (
    SELECT
        k.insutype,
        k.insu_admdvs,
        COALESCE(i.emp_clct_amt, 0) AS emp_clct_amt,
        COALESCE(i.psn_clct_amt, 0) AS psn_clct_amt,
        COALESCE(i.finsubs_amt, 0) AS finsubs_amt,
        COALESCE(i.oth_clct_amt, 0) AS oth_clct_amt,
        COALESCE(i.inte, 0) AS inte,
        COALESCE(i.latefee, 0) AS latefee,
        COALESCE(i.traf_sumamt, 0) AS traf_sumamt,
        COALESCE(i.emp_clct_amt, 0) + COALESCE(i.psn_clct_amt, 0) + COALESCE(i.finsubs_amt, 0)
        + COALESCE(i.oth_clct_amt, 0) + COALESCE(i.inte, 0) + COALESCE(i.latefee, 0) + COALESCE(i.traf_sumamt, 0)
            AS income,
        COALESCE(s.hifp_pay, 0) AS hifp_pay,
        COALESCE(s.hifmi_pay, 0) AS hifmi_pay,
        COALESCE(s.hifob_pay, 0) AS hifob_pay,
        COALESCE(s.cvlserv_pay, 0) AS cvlserv_pay,
        COALESCE(s.maf_pay, 0) AS maf_pay,
        COALESCE(s.other_pay, 0) AS other_pay,
        COALESCE(s.acct_pay, 0) AS acct_pay,
        COALESCE(a.matn_alwn_sumamt, 0) AS matn_alwn_sumamt,
        COALESCE(s.odd_pay, 0) AS odd_pay,
        COALESCE(s.hifp_pay, 0) + COALESCE(s.hifmi_pay, 0) + COALESCE(s.hifob_pay, 0) + COALESCE(s.cvlserv_pay, 0)
        + COALESCE(s.maf_pay, 0) + COALESCE(s.other_pay, 0) + COALESCE(s.acct_pay, 0)
        + COALESCE(a.matn_alwn_sumamt, 0) AS settled_pay,
        COALESCE(d.act_dfr_amt, 0) AS act_dfr_amt,
        COALESCE(d.clr_acct_pay, 0) AS clr_acct_pay,
        COALESCE(d.dpst_sumamt, 0) AS dpst_sumamt,
        COALESCE(d.act_dfr_amt, 0) + COALESCE(d.clr_acct_pay, 0) + COALESCE(s.odd_pay, 0)
        + COALESCE(a.matn_alwn_sumamt, 0) AS disbursed_pay,
        l.ledger_pay,
        l.closing_balance,
        l.months
    FROM places AS k
    LEFT JOIN income AS i ON i.insutype = k.insutype AND i.insu_admdvs = k.insu_admdvs
    LEFT JOIN settled AS s ON s.insutype = k.insutype AND s.insu_admdvs = k.insu_admdvs
    LEFT JOIN allowances AS a ON a.insutype = k.insutype AND a.insu_admdvs = k.insu_admdvs
    LEFT JOIN disbursed AS d ON d.insutype = k.insutype AND d.insu_admdvs = k.insu_admdvs
    LEFT JOIN ledger AS l ON l.insutype = k.insutype AND l.insu_admdvs = k.insu_admdvs
    WHERE k.insu_admdvs LIKE :region || '%'
)

SELECT
    insutype,
    insu_admdvs,
    GROUPING(insutype) + GROUPING(insu_admdvs) AS rolled,
    CAST(SUM(emp_clct_amt) AS DECIMAL(18, 2)) AS emp_clct_amt,
    CAST(SUM(psn_clct_amt) AS DECIMAL(18, 2)) AS psn_clct_amt,
    CAST(SUM(finsubs_amt) AS DECIMAL(18, 2)) AS finsubs_amt,
    CAST(SUM(oth_clct_amt) AS DECIMAL(18, 2)) AS oth_clct_amt,
    CAST(SUM(inte) AS DECIMAL(18, 2)) AS inte,
    CAST(SUM(latefee) AS DECIMAL(18, 2)) AS latefee,
    CAST(SUM(traf_sumamt) AS DECIMAL(18, 2)) AS traf_sumamt,
    CAST(SUM(income) AS DECIMAL(18, 2)) AS income,
    CAST(SUM(hifp_pay) AS DECIMAL(18, 2)) AS hifp_pay,
    CAST(SUM(hifmi_pay) AS DECIMAL(18, 2)) AS hifmi_pay,
    CAST(SUM(hifob_pay) AS DECIMAL(18, 2)) AS hifob_pay,
    CAST(SUM(cvlserv_pay) AS DECIMAL(18, 2)) AS cvlserv_pay,
    CAST(SUM(maf_pay) AS DECIMAL(18, 2)) AS maf_pay,
    CAST(SUM(other_pay) AS DECIMAL(18, 2)) AS other_pay,
    CAST(SUM(acct_pay) AS DECIMAL(18, 2)) AS acct_pay,
    CAST(SUM(matn_alwn_sumamt) AS DECIMAL(18, 2)) AS matn_alwn_sumamt,
    CAST(SUM(odd_pay) AS DECIMAL(18, 2)) AS odd_pay,
    CAST(SUM(settled_pay) AS DECIMAL(18, 2)) AS settled_pay,
    CAST(SUM(income) - SUM(settled_pay) AS DECIMAL(18, 2)) AS settled_balance,
    CAST(SUM(act_dfr_amt) AS DECIMAL(18, 2)) AS act_dfr_amt,
    CAST(SUM(clr_acct_pay) AS DECIMAL(18, 2)) AS clr_acct_pay,
    CAST(SUM(dpst_sumamt) AS DECIMAL(18, 2)) AS dpst_sumamt,
    CAST(SUM(disbursed_pay) AS DECIMAL(18, 2)) AS disbursed_pay,
    CAST(SUM(income) - SUM(disbursed_pay) AS DECIMAL(18, 2)) AS disbursed_balance,
    CAST(SUM(ledger_pay) AS DECIMAL(18, 2)) AS ledger_pay,
    CAST(SUM(closing_balance) AS DECIMAL(18, 2)) AS closing_balance,
    CAST(
        ROUND(CAST(SUM(closing_balance) * MAX(months) AS DECIMAL(38, 12)) / NULLIF(SUM(ledger_pay), 0), 2)
        AS DECIMAL(18, 2)
    ) AS payable_months
FROM lines
GROUP BY GROUPING SETS ((insutype, insu_admdvs), (insutype), (insu_admdvs), ())
