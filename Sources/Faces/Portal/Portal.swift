public import Web

/// The public face: what citizens and enterprises see, on the phone first.
public enum Portal {
    /// Every page of the portal and its ways in.
    public static func face(_ desk: PortalDesk) -> Face {
        Face(
            routes: SignInPages.routes(desk) + PhonePages.routes(desk) + SignUpPages.routes(desk)
                + CodePages.routes(desk) + AccountPages.routes(desk) + ActingPages.routes(desk)
                + RealNamePages.routes(desk)
                + HomePages.routes(desk) + GuidePages.routes(desk)
                + ApplyPages.routes(desk)
                + SealingPages.routes(desk) + NamePages.routes(desk) + FormPages.routes(desk)
                + MinePages.routes(desk) + ReadPages.routes(desk)
                + SigningPages.routes(desk) + ProgressPages.routes(desk)
                + WalletPages.routes(desk) + SealPages.routes(desk) + EngravingPages.routes(desk)
                + PresentPages.routes(desk)
                + QueryPages.routes(desk) + CopyPages.routes(desk) + LicencePicture.routes(desk)
                + UsePages.routes(desk)
                + RightsPages.routes(desk) + BillPages.routes(desk) + VerifyPages.routes(desk)
                + VerifyFilePages.routes(desk)
                + TrustPages.routes(desk) + RevocationListPages.routes(desk) + CertificatePages.routes(desk)
                + PromisePages.routes(desk),
            navigation: [
                NavigationEntry(
                    section: "home",
                    path: "/",
                    label: "portal.nav.home",
                    icon: "house-door",
                    places: [.main, .tab]
                ),
                NavigationEntry(
                    section: "services",
                    path: "/guides/company-opening",
                    label: "portal.nav.services",
                    icon: "building",
                    places: [.main, .tab]
                ),
                NavigationEntry(
                    section: "mine",
                    path: "/my",
                    label: "portal.nav.mine",
                    icon: "person",
                    places: [.main, .tab]
                ),
            ] + ProgressPages.navigation
        )
    }
}
