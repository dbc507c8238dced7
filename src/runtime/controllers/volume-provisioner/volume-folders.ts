/** What controllers need of the machine's file system; the composition root hands it in. */
export interface VolumeFolders {
  /** Makes the folder of a volume, for anybody to write to, unless it is there. Answers its absolute path. */
  create(name: string): Promise<string>;
  /** Removes a folder of a volume with all that is in it; one that is gone is no error. @throws Error for a path where no volume lies */
  remove(path: string): Promise<void>;
}
