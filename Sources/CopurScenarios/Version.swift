/// The version of this program.
public let copurVersionString = "0.1.0"
