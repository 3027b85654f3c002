"""Attainment (验收依据): which promises were kept, cycle by cycle, summed up by clause of the contract.

Everything follows from the facts of the cases, the editions of the promises, the exemptions and one moment, `as_of`.
"""
