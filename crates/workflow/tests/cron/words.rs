//! Expressions in the words that people use.

use tenure_workflow::cron::Expression;

#[test]
fn every_expression_has_words() {
    for (cron, words) in [
        ("* * * * *", "every minute"),
        ("*/5 * * * *", "every 5 minutes"),
        ("*/7 * * * *", "at 0, 7, 14, 21, 28, 35, 42, 49 and 56 minutes past the hour"),
        ("0 * * * *", "every hour"),
        ("1 * * * *", "at 1 minute past the hour"),
        ("5,35 * * * *", "at 5 and 35 minutes past the hour"),
        ("0 9 * * *", "at 09:00"),
        ("30 9,17 * * *", "at 09:30 and 17:30"),
        ("0 9 * * mon-fri", "at 09:00 on weekdays"),
        ("0 9 * * sat,sun", "at 09:00 on weekends"),
        ("0 9 * * 1,3", "at 09:00 on Monday and Wednesday"),
        ("*/15 9-17 * * mon-fri", "every 15 minutes, from 09:00 to 17:59 on weekdays"),
        ("0 */2 * * *", "at 0 minutes past the hour, every 2 hours"),
        ("*/10 8,12,20 * * *", "every 10 minutes, in the hours 8, 12 and 20"),
        ("0 0 1 * *", "at 00:00 on the 1st of the month"),
        ("0 0 1,15 * *", "at 00:00 on the 1st and 15th of the month"),
        ("0 0 22-28 * *", "at 00:00 on the 22nd to 28th of the month"),
        ("0 0 */2 * *", "at 00:00 on the odd days of the month"),
        ("0 0 */3 * *", "at 00:00 on every 3rd day of the month from the 1st"),
        ("0 0 13 * fri", "at 00:00 on the 13th of the month or on Friday"),
        ("0 0 13 * */5", "at 00:00 on the 13th of the month when it is one of Sunday and Friday"),
        ("0 0 1-31 * mon", "at 00:00 on every day"),
        ("0 0 29 2 *", "at 00:00 on the 29th of the month in February"),
        ("@yearly", "at 00:00 on the 1st of the month in January"),
        ("0 12 * jan,jul *", "at 12:00 in January and July"),
    ] {
        assert_eq!(cron.parse::<Expression>().unwrap().words(), words, "{cron}");
    }
}
