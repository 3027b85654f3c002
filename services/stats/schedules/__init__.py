"""Schedules (定时统计): which report is counted when, by cron and the desk's calendar; each time asks for a run."""
