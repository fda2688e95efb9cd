/**
 * Environment of Node processes that live for seconds. Page faults are dear on virtual machines, and a desk that starts with
 * these has half as many: a young generation that does not grow, and huge pages. Nothing is measured in such a process.
 */
export const SHORT_LIVED = { NODE_OPTIONS: '--max-semi-space-size=1', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

/** Undoes it in a process whose speed is measured. */
export const MEASURED = { NODE_OPTIONS: '', GLIBC_TUNABLES: '' };
