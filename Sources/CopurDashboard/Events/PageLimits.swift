/// The limits of what open pages may take.
package enum PageLimits {
  /// Events that are kept for pages that come back, a minute of a busy service's.
  static let keptEvents = 240
  /// Events that a page may leave unread before it is dropped.
  package static let unreadEvents = 32
  /// Pages that may be open at a time.
  package static let pages = 64
  /// How long a page is open before it gives way to a new one, if there are as many as may be: one that reads comes back.
  static let patience = Duration.seconds(10)
}
