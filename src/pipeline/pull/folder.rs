//! A pull of a drop folder: file after file becomes confirmed messages, is remembered, and is put away.
//!
//! The order is what keeps records from being lost and files from being read twice: a batch is confirmed, then the cursor
//! counts it; the last batch is counted, then the file is remembered; it is remembered, then it is moved. Whatever stops
//! in between goes on there.

use chrono::{DateTime, Utc};

use super::{Done, Error, Pull};
use crate::broker::Publisher;
use crate::sources::cursor::Cursor;
use crate::sources::files::{self, Account, FileId, FileReading, Folder, Found, Last, Note, Open, Outcome, Progress};
use crate::sources::format::Detected;
use crate::sources::pull;
use crate::store;
use crate::store::taken_file::{self, TakenFile};

/// What one pull of a folder works with.
pub(super) struct Round<'r> {
    pub folder: &'r Folder,
    pub publisher: &'r Publisher,
    pub cursor: &'r mut Option<Cursor>,
    pub done: &'r mut Done,
}

impl Pull<'_> {
    /// Takes every file that is whole. What is wrong with one of them keeps none of the others.
    pub(super) async fn files(&self, started_at: DateTime<Utc>, mut round: Round<'_>) -> Result<(), Error> {
        let found = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Error::Stopped),
            found = round.folder.settled() => found?,
        };
        let mut troubles = Vec::new();
        for (turn, file) in (0..).zip(&found) {
            if self.stop.is_cancelled() {
                return Err(Error::Stopped);
            }
            // the file that was dropped later wins where neither has versions
            let stamp = started_at.timestamp_micros().saturating_add(turn);
            match self.file(file, stamp, &mut round).await {
                Err(Error::Source(pull::Error::Files(error))) if error.is_of_one_file() => troubles.push(error),
                other => other?,
            }
            self.progress.waits(self.worker);
        }
        files::Error::all(troubles).map_or(Ok(()), |error| Err(error.into()))
    }

    async fn file(&self, file: &Found, stamp: i64, round: &mut Round<'_>) -> Result<(), Error> {
        // one that changed while it was hashed is not whole, and comes with the next pull
        let Some(id) = round.folder.identify(file).await? else { return Ok(()) };
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        let known = taken_file::find(&mut conn, self.source_id.as_str(), &id.0).await?;
        drop(conn);
        let leaves = round.folder.config().done == files::Done::Leave;
        match known {
            // also one that was to be moved and could not be, before the folder was said to be somebody else's
            Some(_) if leaves => Ok(()),
            Some(known) if known.put_away_at.is_none() => self.left_behind(file, id, &known, round.folder).await,
            // a file that failed and is dropped again is meant: the configuration may be another now
            Some(known) if known.outcome == "failed" => self.take(file, id, stamp, round).await,
            Some(known) => self.again(file, id, &known, round.folder).await,
            None => self.take(file, id, stamp, round).await,
        }
    }

    /// Content that was taken and put away before: the file is put away unread.
    async fn again(&self, file: &Found, id: FileId, known: &TakenFile, folder: &Folder) -> Result<(), Error> {
        let (taken_at, records) = (known.taken_at, known.records as u64);
        tracing::info!(source = %self.source_id, file = %id, "a file was dropped whose content was taken before");
        let outcome = Outcome::Known { taken_at, records };
        Ok(folder.put_away(file, Note { file: id, at: self.desk.clock.now(), outcome }).await?)
    }

    /// A file that was taken and could not be put away: read once more, only for what its text has to say.
    async fn left_behind(&self, file: &Found, id: FileId, known: &TakenFile, folder: &Folder) -> Result<(), Error> {
        let to = if known.outcome == "failed" { "failed" } else { "done" };
        folder.can_put_away(id, to).await?;
        let mut reading = folder.read(file, id, u64::MAX, self.desk.clock.today());
        while self.next(&mut reading).await?.is_some() {}
        let account = reading.finish().await?;
        self.put_away(file, id, account, folder).await
    }

    async fn take(&self, file: &Found, id: FileId, stamp: i64, round: &mut Round<'_>) -> Result<(), Error> {
        let folder = round.folder;
        let mut progress = Progress::load(round.cursor.as_ref());
        let layout = folder.layout();
        let open = progress.open.take().filter(|open| open.file == id && open.layout == layout);
        let mut open = open.unwrap_or(Open { file: id, layout, records: 0, stamp });
        let ordered_by = DateTime::from_timestamp_micros(open.stamp).unwrap_or_default();
        let mut reading = folder.read(file, id, open.records, self.desk.clock.today());
        while let Some(batch) = self.next(&mut reading).await? {
            self.progress.waits(self.worker);
            round.done.records += batch.records.len() as u64;
            self.hand_over(round.publisher, ordered_by, &batch.records).await?;
            open.records = batch.until;
            progress.open = Some(open.clone());
            self.save(progress.save(), round.cursor).await?;
        }
        let account = reading.finish().await?;
        round.done.calls += 1;
        round.done.bytes += file.size();
        (progress.open, progress.last) = (None, Some(Last::of(id, &account)));
        self.remember(file, id, &account, &progress, round).await?;
        let failure = failure(id, &account);
        self.log(id, &account, failure.as_ref());
        self.put_away(file, id, account, folder).await?;
        failure.map_or(Ok(()), |error| Err(error.into()))
    }

    async fn next(&self, reading: &mut FileReading) -> Result<Option<files::Batch>, Error> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Error::Stopped),
            batch = reading.next_batch() => Ok(batch),
        }
    }

    async fn remember(
        &self,
        file: &Found,
        id: FileId,
        account: &Account,
        progress: &Progress,
        round: &mut Round<'_>,
    ) -> Result<(), Error> {
        let now = self.desk.clock.now();
        let taken = TakenFile {
            source_id: self.source_id.as_str().to_owned(),
            content_hash: id.0.to_vec(),
            taken_at: now,
            bytes: file.size() as i64,
            records: account.records as i64,
            refused: account.faults.refused as i64,
            outcome: if account.is_done() { "done" } else { "failed" }.to_owned(),
            put_away_at: (round.folder.config().done == files::Done::Leave).then_some(now),
        };
        let cursor = progress.save();
        let value = cursor.as_ref().map(|cursor| &cursor.0);
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        if !taken_file::remember(&mut conn, &taken, self.holder, value).await? {
            return Err(Error::Superseded);
        }
        *round.cursor = cursor;
        Ok(())
    }

    async fn put_away(&self, file: &Found, id: FileId, account: Account, folder: &Folder) -> Result<(), Error> {
        let now = self.desk.clock.now();
        folder.put_away(file, Note { file: id, at: now, outcome: Outcome::Read(account) }).await?;
        let mut conn = self.desk.pool.acquire().await.map_err(store::Error::from)?;
        Ok(taken_file::put_away(&mut conn, self.source_id.as_str(), &id.0, now).await?)
    }

    /// Says what a file came to; which rows have faults stands in the text beside it, or here where there is none.
    fn log(&self, id: FileId, account: &Account, failure: Option<&files::Error>) {
        let (records, refused, odd) = (account.records, account.faults.refused, account.faults.odd);
        let detected = account.detected.as_ref();
        let (encoding, sure) = (detected.map(Detected::name), detected.map(Detected::percent));
        let source = self.source_id;
        match failure {
            None => tracing::info!(%source, file = %id, records, refused, odd, encoding, sure, "a file was taken"),
            Some(error) => {
                tracing::warn!(%source, file = %id, records, refused, odd, encoding, sure, %error, "a file failed");
            }
        }
        for fault in account.faults.named().iter().take(20) {
            tracing::debug!(%source, file = %id, row = fault.number, what = fault.what.english(), "a row has a fault");
        }
    }
}

/// That a file was not, or not wholly, taken for what is in it.
fn failure(file: FileId, account: &Account) -> Option<files::Error> {
    let reason = match &account.end {
        Err(error) => error.to_string(),
        Ok(()) if !account.is_done() => {
            format!("none of its {} records can be taken; the text beside it says why", account.records)
        }
        Ok(()) => return None,
    };
    Some(files::Error::Failed { file, reason })
}
