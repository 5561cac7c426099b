"""Terms of service as versions and clauses; reasons, approval rules, notice texts."""
