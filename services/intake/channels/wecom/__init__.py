"""WeCom (企业微信) and WeChat official accounts: callbacks, group robots, chat archive."""
