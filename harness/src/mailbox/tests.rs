//! Mail over SMTP and in a folder: who it is to, when it came, and the link in it.
