import Testing

/// Tests of the program as its users have it: real processes, real sockets, clients that others wrote.
///
/// One after the other, since each takes several processes for itself.
@Suite(.serialized)
struct ProcessTests {}
