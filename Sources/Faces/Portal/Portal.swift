public import Web

/// The public face: what citizens and enterprises see, on the phone first.
public enum Portal {
    /// Every page of the portal and its ways in.
    public static func face(_ desk: PortalDesk) -> Face {
        Face(
            routes: SigningPages.routes(desk) + ProgressPages.routes(desk),
            navigation: [])
    }
}
