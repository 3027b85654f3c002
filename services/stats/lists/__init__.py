"""Upload of settlement lists (结算清单上传监测): the newest counts of institutions, told to the obligation of `sla`."""
