/// Which request the running task answers, for lines of the operator's log: an identifier and never more. Nothing is
/// decided by it.
public enum RequestTag {
    @TaskLocal public static var current: String?
}
