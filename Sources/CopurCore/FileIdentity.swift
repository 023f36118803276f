internal import Foundation

/// A file, pipe or socket of this machine, whatever it is called: two descriptors with the same identity are of the same one.
package struct FileIdentity: Equatable, Sendable {
  /// The device's number.
  package let device: UInt64
  /// The inode's number on that device.
  package let inode: UInt64

  /// - Parameter descriptor: A file descriptor of this process.
  /// - Returns: Nil if it is not open.
  package init?(of descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}
