public import Storage

/// The tables of the name library and of the reference data.
public enum CompanyNamesMigrations {
    public static let all: [Migration] = []
}
