-- Day by day, how many of the residents who should pay have paid. A person is due once, in one district, and counts as
-- paid on the day of his first payment: days add up to the whole, and no share is above one.
WITH people AS (
    SELECT psn_no, MIN(insu_admdvs) AS insu_admdvs
    FROM psn_insu_d
    WHERE insutype = '390' AND psn_insu_stas IN ('1', '2') AND psn_insu_date < :until
    GROUP BY psn_no
),

payments AS (
    SELECT
        p.psn_no,
        CAST(r.clct_time AS DATE) AS clct_date,
        SUM(r.psn_clct_amt) AS psn_clct_amt,
        ROW_NUMBER() OVER (PARTITION BY p.psn_no ORDER BY CAST(r.clct_time AS DATE)) AS nth
    FROM rsdt_psn_clct_detl_d AS r
    JOIN psn_insu_d AS p ON p.psn_insu_rlts_id = r.psn_insu_rlts_id
    WHERE
        p.insutype = '390' AND p.psn_insu_stas IN ('1', '2') AND p.psn_insu_date < :until
        AND r.clct_flag = '1' AND r.revs_flag = 'Z' AND r.clct_time < :until
        AND r.accrym_begn <= CASE
            WHEN :accrym = '' THEN SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7) ELSE :accrym
        END
        AND r.accrym_end >= CASE
            WHEN :accrym = '' THEN SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7) ELSE :accrym
        END
    GROUP BY p.psn_no, CAST(r.clct_time AS DATE)
),

daily AS (
    SELECT
        q.insu_admdvs,
        y.clct_date,
        GROUPING(q.insu_admdvs) AS level,
        SUM(CASE WHEN y.nth = 1 THEN 1 ELSE 0 END) AS new_cnt,
        SUM(y.psn_clct_amt) AS psn_clct_amt
    FROM payments AS y
    JOIN people AS q ON q.psn_no = y.psn_no
    GROUP BY GROUPING SETS ((q.insu_admdvs, y.clct_date), (y.clct_date))
),

running AS (
    SELECT
        insu_admdvs,
        clct_date,
        level,
        new_cnt,
        psn_clct_amt,
        SUM(new_cnt) OVER (PARTITION BY level, insu_admdvs ORDER BY clct_date) AS paid_cnt,
        SUM(psn_clct_amt) OVER (PARTITION BY level, insu_admdvs ORDER BY clct_date) AS paid_amt
    FROM daily
),

whole AS (
    SELECT
        insu_admdvs,
        level,
        SUM(CASE WHEN clct_date >= :since THEN new_cnt ELSE 0 END) AS new_cnt,
        SUM(CASE WHEN clct_date >= :since THEN psn_clct_amt ELSE 0 END) AS psn_clct_amt,
        SUM(new_cnt) AS paid_cnt,
        SUM(psn_clct_amt) AS paid_amt
    FROM daily
    GROUP BY insu_admdvs, level
),

targets AS (
    SELECT insu_admdvs, GROUPING(insu_admdvs) AS level, COUNT(*) AS due_cnt
    FROM people
    GROUP BY GROUPING SETS ((insu_admdvs), ())
),

lines AS (
    SELECT
        t.insu_admdvs, r.clct_date, t.level AS rolled, t.due_cnt, r.new_cnt, r.psn_clct_amt, r.paid_cnt, r.paid_amt
    FROM running AS r
    JOIN targets AS t ON t.level = r.level AND COALESCE(t.insu_admdvs, '') = COALESCE(r.insu_admdvs, '')
    WHERE r.clct_date >= :since
    UNION ALL
    SELECT
        t.insu_admdvs, CAST(NULL AS DATE), t.level + 1, t.due_cnt, w.new_cnt, w.psn_clct_amt, w.paid_cnt, w.paid_amt
    FROM targets AS t
    LEFT JOIN whole AS w ON w.level = t.level AND COALESCE(w.insu_admdvs, '') = COALESCE(t.insu_admdvs, '')
)

SELECT
    insu_admdvs,
    clct_date,
    rolled,
    CAST(due_cnt AS BIGINT) AS due_cnt,
    CAST(COALESCE(new_cnt, 0) AS BIGINT) AS new_cnt,
    CAST(COALESCE(psn_clct_amt, 0) AS DECIMAL(18, 2)) AS psn_clct_amt,
    CAST(COALESCE(paid_cnt, 0) AS BIGINT) AS paid_cnt,
    CAST(COALESCE(paid_amt, 0) AS DECIMAL(18, 2)) AS paid_amt,
    CAST(due_cnt - COALESCE(paid_cnt, 0) AS BIGINT) AS unpaid_cnt,
    CAST(ROUND(CAST(COALESCE(paid_cnt, 0) AS DECIMAL(38, 12)) / NULLIF(due_cnt, 0), 6) AS DECIMAL(18, 6)) AS paid_share
FROM lines
