"""Accounts (账户): who may sign in, as what, with what; a fold over commands like everything else that changes."""
