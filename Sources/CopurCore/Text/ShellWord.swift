/// Words of a command as a POSIX shell reads them.
public enum ShellWord {
  /// A word in quotation marks, whatever is in it.
  public static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }

  /// A word as one would type it: in quotation marks only if a shell would read it otherwise without.
  public static func typed(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./=,:+@%".utf8.contains(byte) || byte >= 0x80
      }
    }
    return isPlain && !word.isEmpty ? word : quoted(word)
  }
}
