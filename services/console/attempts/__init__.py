"""How often something was tried (尝试次数): passwords of one account, sign-ins from one address, codes used before."""
