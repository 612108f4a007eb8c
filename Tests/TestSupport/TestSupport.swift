// What every suite shares.
