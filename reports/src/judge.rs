//! The judge: from what stands in the record to a verdict, and from verdicts to an exit code. Pure,
//! so that a stranger can judge a record again offline.
