"""The audit of the paper's own printed numbers: do they agree with one another and with what the paper says it did?"""
