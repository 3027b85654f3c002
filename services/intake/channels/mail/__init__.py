"""E-mail: an IMAP mailbox in, SMTP out."""
